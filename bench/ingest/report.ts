import { renderTable } from "../../lib/table.ts";
import { appMs, type Split } from "../common/split.ts";
import { verdict } from "../common/verdict.ts";

/** One measured window. */
export interface Window {
  readonly system: string;
  /** Readings that were due a second. */
  readonly rate: number;
  readonly seconds: number;
  /** Readings that came to the database in it. */
  readonly stored: number;
  readonly split: Split;
}

/** What a goal asks for, as a ratio to the peer. */
export const goal = 2;

/** All windows of one system at one rate. */
interface Summary {
  readonly system: string;
  readonly rate: number;
  readonly storedPerSecond: number;
  /** Readings that a second of processor time takes all the way: that of the apps and the database. */
  readonly perCore: number;
  /** The same with the brokers' time. */
  readonly perCoreOfAll: number;
  /** Processor time for a thousand readings by part, ms. */
  readonly parts: ReadonlyMap<string, number>;
}

export function summarise(windows: readonly Window[]): Summary[] {
  const groups = Map.groupBy(windows, ({ system, rate }) => `${system} ${rate}`);
  return [...groups.values()].map((group) => {
    const [{ system, rate }] = group as [Window];
    const sum = (of: (window: Window) => number) => group.reduce((total, each) => total + of(each), 0);
    const stored = sum((each) => each.stored);
    const parts = new Map<string, number>();
    for (const { split } of group) {
      for (const [part, ms] of split) parts.set(part, (parts.get(part) ?? 0) + (ms * 1000) / stored);
    }
    const apps = sum((each) => appMs(each.split)) / 1000;
    const brokers = sum((each) => each.split.get("brokers") ?? 0) / 1000;
    return {
      system,
      rate,
      storedPerSecond: stored / sum((each) => each.seconds),
      perCore: stored / apps,
      perCoreOfAll: stored / (apps + brokers),
      parts,
    };
  });
}

/** Lines for people: what came through and what it took, and each rate's ratio beside the goal. */
export function report(windows: readonly Window[]): string {
  const summaries = summarise(windows);
  const rates = [...new Set(summaries.map(({ rate }) => rate))];
  const table = renderTable(
    ["readings/s due", "pipeline", "stored/s", "readings/s a core", "with the brokers"],
    summaries.map(({ system, rate, storedPerSecond, perCore, perCoreOfAll }) => [
      String(rate),
      system,
      storedPerSecond.toFixed(0),
      perCore.toFixed(0),
      perCoreOfAll.toFixed(0),
    ]),
  );
  return [table, ...rates.map((rate) => partsTable(summaries, rate)), ratios(summaries)].join("\n\n");
}

function partsTable(summaries: readonly Summary[], rate: number): string {
  const at = summaries.filter((each) => each.rate === rate);
  const parts = [...new Set(at.flatMap(({ parts }) => [...parts.keys()]))].sort();
  return renderTable(
    [`CPU ms a 1000 readings, ${rate}/s`, ...at.map(({ system }) => system)],
    parts.map((part) => [part, ...at.map((each) => (each.parts.get(part) ?? 0).toPrecision(3))]),
  );
}

function ratios(summaries: readonly Summary[]): string {
  const lines = summaries
    .filter(({ system }) => system === "edgelab")
    .flatMap((own) => {
      const peer = summaries.find(({ system, rate }) => system !== "edgelab" && rate === own.rate);
      if (peer === undefined) return [];
      return [
        ratioLine(`${own.rate}/s`, own.perCore / peer.perCore),
        ratioLine(`${own.rate}/s, with the brokers`, own.perCoreOfAll / peer.perCoreOfAll),
      ];
    });
  return ["readings a second a core, edgelab ÷ Python:", ...lines].join("\n");
}

function ratioLine(what: string, ratio: number): string {
  return `  ${what}: ${ratio.toFixed(2)} (goal: at least ${goal}) ${verdict(ratio >= goal)}`;
}
