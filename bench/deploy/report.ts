import { median } from "../../lib/median.ts";
import { renderTable } from "../../lib/table.ts";
import { verdict } from "../common/verdict.ts";

/** Seconds of each round, by what was done. */
export interface Rounds {
  /** An update that changes nothing. */
  readonly nothing: readonly number[];
  /** From one producer to four, until all are healthy. */
  readonly lab: readonly number[];
  /** The same three containers by Docker alone, side by side, until all are healthy. */
  readonly docker: readonly number[];
}

/** What the goal allows of Docker's own time. */
export const goalRatio = 1.5;

export function report({ nothing, lab, docker }: Rounds): string {
  const ratio = median(lab) / median(docker);
  const row = (what: string, seconds: readonly number[]): string[] => [
    what,
    median(seconds).toFixed(1),
    seconds.map((each) => each.toFixed(1)).join(", "),
  ];
  return [
    renderTable(
      ["what", "median s", "all, s"],
      [
        row("update that changes nothing", nothing),
        row("1 → 4 producers, until all are healthy", lab),
        row("the same three containers by docker run, until all are healthy", docker),
      ],
    ),
    "",
    `1 → 4 producers ÷ docker run: ${ratio.toFixed(2)} (goal: at most ${goalRatio}) ${verdict(ratio <= goalRatio)}`,
  ].join("\n");
}
