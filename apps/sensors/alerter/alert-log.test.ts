import { describe, expect, it } from "vitest";
import type { Alert } from "../contract.ts";
import { AlertLog } from "./alert-log.ts";

const alert = (number: number, state: Alert["state"] = "raised"): Alert => ({
  id: `motion/d${number}`,
  kind: "motion",
  state,
  device: `d${number}`,
  type: "motion",
  value: 1,
  time: "2026-11-21T12:00:00.000Z",
  since: "2026-11-21T12:00:00.000Z",
  detail: "something moves",
});
const alerts = (count: number) => Array.from({ length: count }, (_, number) => alert(number));

function told() {
  const lines: string[] = [];
  let nowMs = 5000;
  const line = (level: string) => (fields: object, text: string) =>
    lines.push([level, text, JSON.stringify(fields)].join(" "));
  const log = { info: line("info"), warn: line("warn") } as never;
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { lines, log: new AlertLog({ log, now: () => nowMs }), pass };
}

describe("the log of alerts", () => {
  it("has a line for each of a few, by how serious it is", () => {
    const { lines, log } = told();
    log.tell([alert(1), alert(2, "cleared")]);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^warn alert raised .*"device":"d1"/);
    expect(lines[1]).toMatch(/^info alert cleared .*"device":"d2"/);
  });

  it("says of many in a second how many there were, once that is over, in whatever batches they come", () => {
    const { lines, log, pass } = told();
    log.tell(alerts(7));
    pass(400);
    log.tell(alerts(20));
    expect(lines).toHaveLength(10);
    pass(600);
    log.tell([]);
    expect(lines.slice(10)).toEqual(['warn more alerts in the second before {"alerts":17}']);
    log.tell(alerts(3));
    expect(lines).toHaveLength(14);
  });
});
