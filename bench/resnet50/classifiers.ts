import { join } from "node:path";
import { topicNames } from "../../apps/classification/contract.ts";
import { Child } from "../common/child.ts";
import { edgelabMessage, type KafkaSide, peerMessage } from "./kafka-side.ts";
import type { Measured, Side } from "./report.ts";

const root = join(import.meta.dirname, "../..");

/** What classifiers under test are told. */
export interface Setting {
  readonly bootstrap: readonly string[];
  /** Folder of the model. */
  readonly model: string;
  readonly threads: number;
  /** The peer's Python. */
  readonly python: string;
  /** The peer's topics. */
  readonly topics: { readonly images: string; readonly results: string };
}

/** A classifier under test. */
export interface Candidate {
  readonly system: Measured["system"];
  readonly kafka: KafkaSide;
  /** Starts what serves a side; its HTTP side listens on this port of the loopback. */
  start(side: Side, port: number): Child;
}

/** Edgelab's classifier, which serves both sides at once. */
export function edgelab({ bootstrap, model, threads }: Setting): Candidate {
  return {
    system: "edgelab",
    kafka: { ...topicNames, message: edgelabMessage },
    start: (_side, port) =>
      new Child("edgelab", [process.execPath, join(root, "apps/classification/classifier/main.ts")], {
        KAFKA_BOOTSTRAP_SERVERS: bootstrap.join(","),
        KAFKA_CONSUMER_GROUP_ID: `bench-resnet50-${process.pid}`,
        KAFKA_AUTO_OFFSET_RESET: "latest",
        MODEL_DIR: model,
        MAX_BATCH: "8",
        ONNX_THREADS: String(threads),
        HTTP_HOST: "127.0.0.1",
        HTTP_PORT: String(port),
        LOG_LEVEL: "error",
      }),
  };
}

/** The usual way: FastAPI for HTTP, the peers' classifier with confluent-kafka for Kafka. */
export function python({ bootstrap, model, threads, python: file, topics }: Setting): Candidate {
  const shared = join(root, "bench/peers/classification");
  const scripts = {
    HTTP: join(root, "bench/peers/resnet50/server.py"),
    Kafka: join(shared, "classifier.py"),
  } as const;
  return {
    system: "Python",
    kafka: { ...topics, message: peerMessage },
    start: (side, port) =>
      new Child("Python", [file, scripts[side]], {
        PYTHONPATH: shared,
        CLIENT: "confluent-kafka",
        KAFKA_BOOTSTRAP_SERVERS: bootstrap.join(","),
        IMAGES_TOPIC: topics.images,
        RESULTS_TOPIC: topics.results,
        MODEL_DIR: model,
        ONNX_THREADS: String(threads),
        HTTP_PORT: String(port),
      }),
  };
}
