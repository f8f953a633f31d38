/**
 * Frames of the test camera through Kafka: edgelab's producer beside the usual way (OpenCV, kafka-python), one after
 * the other on the same camera, the same topic and the same consumer.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createContext } from "../../scripts/toolchain/context.ts";
import { runMain } from "../../scripts/toolchain/errors.ts";
import { interruption } from "../../scripts/toolchain/interruption.ts";
import { Child } from "../common/child.ts";
import { labBootstrap } from "../common/lab.ts";
import { preparePeer } from "../common/venv.ts";
import { mostCameras } from "./most.ts";
import { parseOptions } from "./options.ts";
import { comparison } from "./report.ts";
import { cameraFps, openStand } from "./stand.ts";
import { stepsOfLoad } from "./steps.ts";

const root = join(import.meta.dirname, "../..");

await runMain(async () => {
  const given = process.argv.slice(2);
  const fromLab = given.includes("--bootstrap") ? "" : await labBootstrap();
  const options = parseOptions(given, () => fromLab);
  const context = createContext();
  const peer = { bench: "video", what: "OpenCV and kafka-python", without: "./bench/video/run --no-peer" };
  const python = options.peer ? await preparePeer(context, peer) : undefined;
  const stand = await openStand(options.bootstrap, context.progress, interruption());
  try {
    const results = [await stand.measure("edgelab", stand.edgelab({ cameras: 1 }), options.seconds)];
    if (python !== undefined) {
      const script = join(root, "bench/peers/video/capture.py");
      const args = [script, stand.url, stand.topic, options.bootstrap.join(","), String(cameraFps)];
      const usual = new Child("peer", [python, ...args], {});
      results.push(await stand.measure("OpenCV + kafka-python", usual, options.seconds));
    }
    process.stdout.write(`\n${comparison(results)}\n`);
    const most = options.mostCameras ? await mostCameras(stand) : [];
    const steps = options.steps ? await stepsOfLoad(stand) : [];
    if (options.out !== undefined) {
      const figures = { results, mostCameras: most, steps };
      await writeFile(options.out, `${JSON.stringify(figures, undefined, 2)}\n`);
    }
    return 0;
  } finally {
    await stand.close();
  }
});
