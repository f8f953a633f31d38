/** A check: its title, its command, and the vitest project when its tests are counted. */
export interface Check {
  readonly title: string;
  readonly command: readonly [string, ...string[]];
  readonly project?: string;
}

export interface Choice {
  /** What is run before a release and takes hours: soak, matrices, drills. */
  readonly long: boolean;
  /** Whole-lab tests with official plugins in place of the stand-ins. */
  readonly official: boolean;
}

const STATIC: readonly Check[] = [
  { title: "format and lint", command: ["biome", "ci", "."] },
  { title: "types", command: ["tsc", "--noEmit"] },
];

const tests = (title: string, project: string): Check => ({
  title,
  command: ["vitest", "run", "--project", project],
  project,
});

/** What `./scripts/test` runs, in this order: without options what every change must pass. */
export function checksOf({ long, official }: Choice): readonly Check[] {
  const labs = [
    ...(official || !long ? [tests("whole-lab tests", "lab")] : []),
    ...(long ? [tests("long tests", "long")] : []),
  ];
  return official || long ? labs : [...STATIC, tests("unit tests", "unit"), ...labs];
}
