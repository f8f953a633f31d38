/**
 * What is wrong, in one line: an error's message, or, for an error that gathers others, theirs, each once. The Kafka
 * client wraps what a broker answered several times over.
 */
export function messageOf(error: unknown): string {
  const messages = [...new Set(leavesOf(error))].map((leaf) => leaf.trim()).filter((leaf) => leaf !== "");
  return messages.length === 0 ? String(error) : messages.join("; ");
}

function leavesOf(error: unknown): string[] {
  const gathered = gatheredBy(error);
  if (gathered.length > 0) return gathered.flatMap(leavesOf);
  return [error instanceof Error ? error.message : String(error)];
}

/** The errors that an AggregateError gathers, or one of kafkajs's own kind (its KafkaJSAggregateError). */
function gatheredBy(error: unknown): readonly unknown[] {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors) ? error.errors : [];
}

/** Lines of a stack that are logged. */
const stackLines = 6;

/** An error as it is logged: enough to find the place, without the nested repetitions of some clients. */
export function loggable(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, cause, stack } = error;
  return {
    type: name,
    message: messageOf(error),
    ...("code" in error ? { code: error.code } : {}),
    ...(cause === undefined ? {} : { cause: messageOf(cause) }),
    stack: stack?.split("\n").slice(0, stackLines).join("\n"),
  };
}
