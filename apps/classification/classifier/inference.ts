import { Worker } from "node:worker_threads";
import type { Card } from "./card.ts";
import type { Score } from "./labels.ts";

/** What the thread is started with. */
export interface WorkerSettings {
  readonly folder: string;
  readonly threads: number;
}

/** A batch of decoded images for the thread. */
export interface Question {
  readonly id: number;
  readonly images: readonly Uint8Array[];
}

/** What a batch came to: the scores of each image, and the time that the model took for all of them, ms. */
export interface Outcome {
  readonly scores: readonly Score[][];
  readonly inferenceMs: number;
}

/** Tells the thread to end. */
export const farewell = "end";

/** The thread's answer to the question of the same id. */
export type Answer = { readonly id: number } & ({ readonly outcome: Outcome } | { readonly error: string });

/** A model that runs in a thread of its own. */
export interface Inference {
  readonly card: Card;
  /** Classifies decoded images of the card's size in one go. @throws when the model fails or the thread has ended */
  classify(images: readonly Uint8Array[]): Promise<Outcome>;
  /** Rejects when the thread ends without having been told to; never resolves. */
  readonly failed: Promise<never>;
  /** Rejects what has no answer yet, and resolves when the thread has ended: after the runs that it was asked for. */
  close(): Promise<void>;
}

/**
 * Starts a thread that loads the model of a folder.
 *
 * @throws when the card or the model is unusable, with what is wrong
 */
export async function startInference(settings: WorkerSettings): Promise<Inference> {
  const worker = new Worker(new URL("./inference-worker.ts", import.meta.url), { workerData: settings });
  const pending = new Map<number, PromiseWithResolvers<Outcome>>();
  const failed = Promise.withResolvers<never>();
  // Everybody who waits for an outcome is told as well, so nobody has to wait for this one.
  failed.promise.catch(() => {});
  const loaded = Promise.withResolvers<Card>();
  const exited = Promise.withResolvers<void>();
  let ended: Error | undefined;
  let closing = false;

  const end = (error: Error) => {
    if (ended) return;
    ended = error;
    loaded.reject(error);
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
    if (!closing) failed.reject(error);
  };
  worker.on("error", (error) => end(error instanceof Error ? error : new Error(String(error))));
  worker.on("exit", (code) => {
    end(new Error(`the thread of the model has ended with code ${code}`));
    exited.resolve();
  });
  worker.on("message", (message: { readonly card: Card } | Answer) => {
    if ("card" in message) loaded.resolve(message.card);
    else settle(pending, message);
  });

  const card = await loaded.promise;
  let lastId = 0;
  return {
    card,
    failed: failed.promise,
    classify(images) {
      if (ended) return Promise.reject(ended);
      lastId += 1;
      const outcome = Promise.withResolvers<Outcome>();
      pending.set(lastId, outcome);
      worker.postMessage({ id: lastId, images } satisfies Question);
      return outcome.promise;
    },
    async close() {
      closing = true;
      end(new Error("the thread of the model has ended, as it was told to"));
      // Not terminate(): onnxruntime aborts the whole process when its thread is stopped inside a run.
      worker.postMessage(farewell);
      await exited.promise;
    },
  };
}

function settle(pending: Map<number, PromiseWithResolvers<Outcome>>, answer: Answer): void {
  const waiting = pending.get(answer.id);
  pending.delete(answer.id);
  if ("error" in answer) waiting?.reject(new Error(`the model failed: ${answer.error}`));
  else waiting?.resolve(answer.outcome);
}
