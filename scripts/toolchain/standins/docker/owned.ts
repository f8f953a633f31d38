/** Labels as the docker package of npm writes them. */
export interface Label {
  readonly label: string;
  readonly value: string;
}

export function labelMap(labels: readonly Label[] | undefined): Record<string, string> {
  return Object.fromEntries((labels ?? []).map(({ label, value }) => [label, value]));
}

const STACK = "edgelab.stack";

/**
 * Whether a thing of that name, found before ours was made, is the remains of an interrupted update of this very
 * stack: both carry the same `edgelab.stack` label.
 */
export function isLeftover(
  found: Readonly<Record<string, string>> | null | undefined,
  ours: readonly Label[] | undefined,
): boolean {
  const stack = labelMap(ours)[STACK];
  return stack !== undefined && found?.[STACK] === stack;
}

/** What to say about a name that something else has already. */
export function nameTaken(kind: string, name: string, removal: string): Error {
  return new Error(`a ${kind} named ${name} exists that this stack did not make. If it can go: ${removal}`);
}
