import { z } from "zod";

const error = z.object({ message: z.string(), cause: z.string().optional() });

/** What the lab's apps write: see apps/common/logging.ts. */
const entry = z.looseObject({
  time: z.string(),
  level: z.string(),
  msg: z.string(),
  err: error.optional().catch(undefined),
});

/** The same in every line of a container, so no news. */
const known = new Set(["time", "level", "msg", "err", "app", "environment"]);

/**
 * A line of a container's log as it is read best: one of our apps' as time, level, message and reason, with whatever
 * short values come with it; any other line as it is.
 */
export function readableLine(line: string): string {
  const parsed = entry.safeParse(fromJson(line));
  if (!parsed.success) return line;
  const { time, level, msg, err, ...more } = parsed.data;
  const reason = err === undefined ? [] : [err.message, err.cause].filter((part) => part !== undefined);
  const values = Object.entries(more)
    .filter(([key, value]) => !known.has(key) && ["string", "number", "boolean"].includes(typeof value))
    .map(([key, value]) => `${key} ${value}`);
  const text = [msg, ...new Set(reason)].join(": ");
  return `${time} ${level} ${text}${values.length === 0 ? "" : ` (${values.join(", ")})`}`;
}

function fromJson(line: string): unknown {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    // A text that only begins like JSON is a text.
    return undefined;
  }
}
