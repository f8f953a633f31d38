import { messageOf } from "../../apps/common/errors.ts";
import { createProducer } from "../../apps/common/kafka.ts";
import { pause } from "../../apps/common/retry.ts";
import { fillIn, type Probe, probeValue } from "../../lib/probe.ts";
import type { Sent } from "./records.ts";

export interface SenderOptions {
  readonly bootstrapServers: readonly string[];
  readonly acks: "all" | "leader";
  readonly run: string;
  readonly probe: Probe;
  /** Keys that messages have, in turn. */
  readonly lanes: number;
  /** Messages a second. */
  readonly rate: number;
  /** Told why a message was given up. */
  readonly onFailure: (reason: string) => void;
}

type Draft = { -readonly [K in keyof Sent]: Sent[K] };

/** Sends numbered messages to one topic at a steady rate, and notes which of them Kafka acknowledges. */
export class Sender {
  readonly sent: Draft[] = [];
  readonly #options: SenderOptions;
  readonly #producer: ReturnType<typeof createProducer>;

  constructor(options: SenderOptions) {
    this.#options = options;
    const { bootstrapServers, acks, run } = options;
    this.#producer = createProducer({ bootstrapServers, acks, clientId: run });
  }

  /** Sends until the signal aborts. */
  async send(signal: AbortSignal): Promise<void> {
    const { rate } = this.#options;
    const startMs = performance.now();
    while (!signal.aborted) {
      const due = Math.floor(((performance.now() - startMs) * rate) / 1000);
      while (this.sent.length < due) this.#one();
      await pause(1000 / rate, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }

  /** Waits for what is on its way, `flushMs` at most, and disconnects. */
  close(flushMs: number): Promise<void> {
    return this.#producer.close(flushMs);
  }

  #one(): void {
    const { probe, run, lanes, onFailure } = this.#options;
    const seq = this.sent.length;
    const draft: Draft = { seq, lane: seq % lanes, sentMs: Date.now(), ackedMs: undefined };
    this.sent.push(draft);
    const values = { run, seq, lane: draft.lane, us: draft.sentMs * 1000 };
    const headers = Object.entries(probe.headers).map(([name, text]) => [name, fillIn(text, values)]);
    this.#producer
      .send({
        topic: probe.topic,
        key: fillIn(probe.key, values),
        value: probeValue(probe, values),
        headers: Object.fromEntries(headers),
      })
      .then(
        () => {
          draft.ackedMs = Date.now();
        },
        (error: unknown) => onFailure(messageOf(error)),
      );
  }
}
