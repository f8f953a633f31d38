import { Child } from "../common/child.ts";
import { isCarried } from "./most.ts";
import { type Result, type Step, stepLines } from "./report.ts";
import type { Stand } from "./stand.ts";

/** Programs that keep the producer's core busy beside it, step by step. */
const loads = [0, 1, 3, 7, 0];
const cameras = 4;
/** From a change of load to the window, in which rates find their place, ms. */
const settleMs = 12_000;
const windowSeconds = 15;
/** The same of fixed rates that are tried. */
const trySettleMs = 5000;
const trySeconds = 8;
/** Fixed rates that are tried, from the camera's own down, until one holds. */
const fixedRates = [30, 25, 20, 16, 13, 10, 8, 6.5, 5, 4, 3, 2, 1];

/**
 * Puts load on the producer's core in steps, and compares the rate that it finds by itself with the highest fixed one at
 * which the latency holds under the same load.
 */
export async function stepsOfLoad(stand: Stand): Promise<Step[]> {
  await stand.keepCameraOff();
  const adaptive: Result[] = [];
  const producer = stand.edgelab({ cameras, core: "0" });
  await stand.flowing(producer);
  for (const load of loads) {
    await underLoad(load, async () => {
      await stand.pause(settleMs);
      adaptive.push(
        await stand.window(`${cameras} cameras beside ${load} busy programs`, producer, windowSeconds),
      );
    });
  }
  await producer.stop();
  const best = await highestFixed(stand, new Set(loads));
  const steps = loads.map((load, i) => ({ load, adaptive: adaptive[i] as Result, fixed: best.get(load) }));
  process.stdout.write(`\n${stepLines(steps)}\n`);
  return steps;
}

/** By load, the highest fixed rate whose frames all arrive in time; none when there is none. */
async function highestFixed(stand: Stand, loads: ReadonlySet<number>): Promise<Map<number, Result>> {
  const best = new Map<number, Result>();
  for (const fps of fixedRates) {
    const left = [...loads].filter((load) => !best.has(load));
    if (left.length === 0) break;
    // Started without load: what a start takes under it is not what is compared.
    const producer = stand.edgelab({ cameras, core: "0", fps });
    await stand.flowing(producer);
    for (const load of left) {
      await underLoad(load, async () => {
        await stand.pause(trySettleMs);
        const result = await stand.window(`${fps} frames/s, fixed, beside ${load}`, producer, trySeconds);
        if (isCarried(result, fps)) best.set(load, result);
      });
    }
    await producer.stop();
  }
  return best;
}

async function underLoad(programs: number, work: () => Promise<void>): Promise<void> {
  const busy = Array.from(
    { length: programs },
    () => new Child("load", ["taskset", "--cpu-list", "0", "sh", "-c", "while :; do :; done"], {}),
  );
  try {
    await work();
  } finally {
    for (const each of busy) await each.stop();
  }
}
