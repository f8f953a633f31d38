import { mostLines, type Result } from "./report.ts";
import { cameraFps, type Stand } from "./stand.ts";

const stepSeconds = 15;
const steps = [1, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 32, 40, 48];
/** What still counts as carrying a camera: nearly all of its frames, within the pipeline's target. */
export const carried = { part: 0.98, p99Ms: 100 } as const;

/** Looks for the most cameras that a producer on one core carries. @returns the steps up to the first that it does not */
export async function mostCameras(stand: Stand): Promise<Result[]> {
  // The camera leaves the producer's core to it.
  await stand.keepCameraOff();
  const results: Result[] = [];
  for (const cameras of steps) {
    const name = `${cameras} cameras on one core`;
    const result = await stand.measure(name, stand.edgelab({ cameras, core: "0" }), stepSeconds);
    results.push(result);
    if (result.cameras < cameras || !isCarried(result, cameraFps)) break;
  }
  process.stdout.write(`\n${mostLines(results, (result) => isCarried(result, cameraFps))}\n`);
  return results;
}

/** @param fps that each camera was asked for */
export function isCarried({ fps, p99Ms }: Result, wanted: number): boolean {
  return fps >= carried.part * wanted && p99Ms <= carried.p99Ms;
}
