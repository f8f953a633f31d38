/** Labels as the docker package of npm writes them. */
export interface Label {
  readonly label: string;
  readonly value: string;
}

export function labelMap(labels: readonly Label[] | undefined): Record<string, string> {
  return Object.fromEntries((labels ?? []).map(({ label, value }) => [label, value]));
}
