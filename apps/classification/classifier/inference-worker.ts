/** The thread that runs the model: onnxruntime keeps its thread busy for as long as a run takes. */
import { parentPort, workerData } from "node:worker_threads";
import { loadEngine } from "./engine.ts";
import { type Answer, farewell, type Question, type WorkerSettings } from "./inference.ts";

const settings = workerData as WorkerSettings;
const engine = await loadEngine(settings.folder, settings.threads);

parentPort?.on("message", async (message: Question | typeof farewell) => {
  if (message === farewell) {
    // The thread ends by itself when the runs that are under way have ended.
    parentPort?.close();
    return;
  }
  const { id, images } = message;
  const start = performance.now();
  let answer: Answer;
  try {
    const scores = await engine.classify(images);
    answer = { id, outcome: { scores, inferenceMs: performance.now() - start } };
  } catch (error) {
    answer = { id, error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(answer);
});

parentPort?.postMessage({ card: engine.card });
