import { Worker } from "node:worker_threads";
import type { Model } from "../model/model.ts";
import type { FitOptions } from "./fit.ts";

/**
 * Fits a model in a thread of its own, which ends with it.
 * @param signal ends the fit wherever it is
 * @throws what {@link FitOptions} cannot be fitted for, by its message; the signal's reason when aborted
 */
export async function fitInThread(options: FitOptions, signal: AbortSignal): Promise<Model> {
  signal.throwIfAborted();
  const worker = new Worker(new URL("./fit-worker.ts", import.meta.url), { workerData: options });
  const fitted = Promise.withResolvers<Model>();
  const abort = () => fitted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  worker.once("message", fitted.resolve);
  worker.once("error", fitted.reject);
  worker.once("exit", (code) => fitted.reject(new Error(`the thread of the fit ended with code ${code}`)));
  try {
    return await fitted.promise;
  } finally {
    signal.removeEventListener("abort", abort);
    await worker.terminate();
  }
}
