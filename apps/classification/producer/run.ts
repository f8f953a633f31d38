import { nowUs } from "../../common/clock.ts";
import { messageOf } from "../../common/errors.ts";
import { type OutgoingMessage, PoisonError } from "../../common/kafka-message.ts";
import { latencyBuckets, type Metrics } from "../../common/metrics.ts";
import { Ring } from "../../common/ring.ts";
import { imageHeaders, topicNames } from "../contract.ts";
import { parseResult } from "../result.ts";
import type { Dataset, EncodedImage } from "./dataset.ts";
import { Matcher, type Sample, withoutResult } from "./matcher.ts";

export interface RunOptions {
  /** Name of the producer. */
  readonly name: string;
  readonly devices: number;
  /** Partition of the results that is read back. */
  readonly resultsPartition: number;
  readonly dataset: Dataset;
  readonly timeoutMs: number;
  readonly maxInFlight: number;
  readonly samplesKept: number;
  readonly metrics: Metrics;
  /** Resolves when Kafka has the message. */
  readonly send: (message: OutgoingMessage) => Promise<void>;
  /** Told why an image could not be sent. */
  readonly onFailure?: (error: unknown) => void;
}

/** What a run has counted so far. Late images are among the lost ones as well. */
export type Counts = Readonly<Record<keyof typeof counterHelp, number>>;

/** One run of a producer, from its start to its end: what it sends, what comes back, and what it counts. */
export class Run {
  /** What the ids of this run's images begin with; it differs from run to run, so that ids never repeat. */
  readonly idPrefix: string;
  /** Seed of what this run draws at random; it differs from run to run, too. */
  readonly seed: number;
  readonly matcher: Matcher;
  readonly samples: Ring<Sample>;
  readonly #options: RunOptions;
  readonly #meters: ReturnType<typeof runMeters>;
  readonly #firstImage: number;
  readonly #counts: Record<keyof typeof counterHelp, number> = zeroCounts();
  /** The image that is sent next, unless images are skipped. */
  #ahead: { readonly seq: number; readonly image: Promise<EncodedImage> } | undefined;
  /** Why the last image could not be sent, until Kafka acknowledges one again. */
  #failure: string | undefined;

  constructor(options: RunOptions) {
    this.#options = options;
    this.idPrefix = `${options.name}.${Math.round(performance.timeOrigin).toString(36)}.`;
    this.seed = hash(this.idPrefix);
    this.matcher = new Matcher({ timeoutMs: options.timeoutMs, capacity: options.maxInFlight });
    this.samples = new Ring(options.samplesKept);
    this.#meters = runMeters(options.metrics);
    // Producers begin at different images of the data set, the same at each start.
    this.#firstImage = hash(options.name) % options.dataset.size;
  }

  /**
   * Sends image number `seq`, which was due at `scheduledUs`; resolves when it is on its way, not when it is there.
   * @throws when the image cannot be read; what goes wrong on the way is counted
   */
  async send(seq: number, scheduledUs: number): Promise<void> {
    const { devices, name, resultsPartition } = this.#options;
    const { png, label } = await (this.#ahead?.seq === seq ? this.#ahead.image : this.#encode(seq));
    const id = `${this.idPrefix}${seq}`;
    const sentUs = nowUs();
    const device = seq % devices;
    this.matcher.sent({ id, seq, device, scheduledUs, sentUs, bytes: png.length, label });
    this.#count("sent");
    const headers = {
      [imageHeaders.id]: id,
      [imageHeaders.producer]: name,
      [imageHeaders.device]: String(device),
      [imageHeaders.seq]: String(seq),
      [imageHeaders.label]: label,
      [imageHeaders.contentType]: "image/png",
      [imageHeaders.resultsPartition]: String(resultsPartition),
      [imageHeaders.scheduledUs]: String(scheduledUs),
      [imageHeaders.sentUs]: String(sentUs),
    };
    this.#options.send({ topic: topicNames.images, key: id, value: png, headers }).then(
      () => this.#acknowledged(id, sentUs),
      (error: unknown) => this.#failed(id, error),
    );
    // A device has its image when it is due: encoding the next one is not part of its way.
    this.#ahead = { seq: seq + 1, image: this.#encode(seq + 1) };
    // Whoever sends it is told.
    this.#ahead.image.catch(() => {});
  }

  /** Takes a message of the results topic; those of other producers in the same partition, and of earlier runs, are passed over. */
  take(key: Buffer | undefined, value: Buffer | undefined): void {
    if (key === undefined || value === undefined || !key.toString("latin1").startsWith(this.idPrefix)) return;
    try {
      const match = this.matcher.received(parseResult(value), nowUs(), value.length);
      this.#count(match.kind);
      if (match.kind !== "unexpected") this.#measured(match.sample);
    } catch (error) {
      // The recorder moves it to the dead-letter topic; here it is counted only.
      if (!(error instanceof PoisonError)) throw error;
      this.#count("unreadable");
    }
  }

  /** Counts as lost what has waited for too long. */
  expire(): void {
    const lost = this.matcher.expire(nowUs());
    this.#count("lost", lost.length);
    for (const sample of lost) this.samples.push(sample);
    this.#meters.inFlight.set(this.matcher.inFlight);
  }

  /** Counts an image that the schedule left out. */
  skipped(seq: number, scheduledUs: number): void {
    this.#count("skipped");
    this.samples.push(withoutResult({ seq, device: seq % this.#options.devices, scheduledUs }, "skipped"));
  }

  get counts(): Counts {
    return { ...this.#counts };
  }

  /**
   * What is wrong with sending, for people; undefined when nothing is.
   * @param patienceMs how long an image may wait for its acknowledgement
   */
  sendingProblem(patienceMs: number): string | undefined {
    const oldestUs = this.matcher.oldestUnacknowledgedUs();
    const waitedMs = oldestUs === undefined ? 0 : (nowUs() - oldestUs) / 1000;
    if (waitedMs >= patienceMs) {
      return `Kafka has not acknowledged an image for ${Math.round(waitedMs / 1000)} s`;
    }
    return this.#failure === undefined ? undefined : `Kafka does not take images: ${this.#failure}`;
  }

  #encode(seq: number): Promise<EncodedImage> {
    const { dataset } = this.#options;
    return dataset.image((this.#firstImage + seq) % dataset.size);
  }

  #count(name: keyof typeof counterHelp, images = 1): void {
    this.#counts[name] += images;
    this.#meters[name].inc(images);
  }

  #acknowledged(id: string, sentUs: number): void {
    const us = nowUs();
    this.matcher.acknowledged(id, us);
    this.#failure = undefined;
    this.#count("acknowledged");
    this.#meters.ack.observe((us - sentUs) / 1e6);
  }

  #failed(id: string, error: unknown): void {
    this.#failure = messageOf(error);
    this.#options.onFailure?.(error);
    // One that has counted as lost is not counted again.
    const sample = this.matcher.failed(id);
    if (sample === undefined) return;
    this.#count("failed");
    this.samples.push(sample);
  }

  #measured(sample: Sample): void {
    this.samples.push(sample);
    if (sample.receivedUs !== null) {
      this.#meters.endToEnd.observe((sample.receivedUs - sample.scheduledUs) / 1e6);
    }
    if (sample.label !== null && sample.label === sample.predicted) this.#count("correct");
  }
}

const counterHelp = {
  sent: "Images handed to the Kafka client.",
  acknowledged: "Images that all in-sync replicas have.",
  failed: "Images that could not be sent.",
  skipped: "Images left out because they would have been sent later than the result timeout.",
  received: "Images whose result came back in time.",
  correct: "Images whose likeliest label was the true one.",
  lost: "Images without a result within the timeout.",
  late: "Results that came after their image had counted as lost.",
  unexpected: "Results that came twice, or of images not known any more.",
  unreadable: "Results of this run that are no results by their content.",
};

function zeroCounts(): Record<keyof typeof counterHelp, number> {
  const names = Object.keys(counterHelp) as (keyof typeof counterHelp)[];
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<keyof typeof counterHelp, number>;
}

function runMeters(metrics: Metrics) {
  const counter = (name: keyof typeof counterHelp) =>
    metrics.counter(`producer_images_${name}_total`, counterHelp[name]);
  return {
    sent: counter("sent"),
    acknowledged: counter("acknowledged"),
    failed: counter("failed"),
    skipped: counter("skipped"),
    received: counter("received"),
    correct: counter("correct"),
    lost: counter("lost"),
    late: counter("late"),
    unexpected: counter("unexpected"),
    unreadable: counter("unreadable"),
    inFlight: metrics.gauge("producer_images_in_flight", "Images sent whose result is awaited."),
    endToEnd: metrics.histogram(
      "producer_end_to_end_seconds",
      "From when an image was due to when its result was read, by the producer's clock.",
      latencyBuckets,
    ),
    ack: metrics.histogram(
      "producer_acknowledgement_seconds",
      "From sending to acknowledgement.",
      latencyBuckets,
    ),
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  return Buffer.from(text).reduce((state, byte) => Math.imul(state ^ byte, 0x01000193) >>> 0, 0x811c9dc5);
}
