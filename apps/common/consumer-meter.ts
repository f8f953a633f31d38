import { batchBuckets, type Counter, type Gauge, type Histogram, type Metrics } from "./metrics.ts";

type Labels = "topic" | "group";

/** The metrics of one consumer; consumers of one process share them and differ by labels. */
export class ConsumerMeter {
  readonly #labels: Readonly<Record<Labels, string>>;
  readonly #messages: Counter<Labels>;
  readonly #batches: Histogram<Labels>;
  readonly #failures: Counter<Labels>;
  readonly #letters: Counter<Labels>;
  readonly #active: Gauge<Labels>;
  readonly #lag: Gauge<Labels>;

  constructor(metrics: Metrics, topic: string, group: string) {
    this.#labels = { topic, group };
    const names = ["topic", "group"] as const;
    this.#messages = metrics.counter("kafka_consumer_messages_total", "Messages handled.", names);
    this.#batches = metrics.histogram(
      "kafka_consumer_batch_messages",
      "Messages in a batch.",
      batchBuckets,
      names,
    );
    this.#failures = metrics.counter(
      "kafka_consumer_batch_failures_total",
      "Failures that made a batch come again.",
      names,
    );
    this.#letters = metrics.counter(
      "kafka_dead_letters_total",
      "Messages moved to the dead-letter topic.",
      names,
    );
    this.#active = metrics.gauge(
      "kafka_consumer_active",
      "1 while the consumer is a member of its group.",
      names,
    );
    this.#lag = metrics.gauge(
      "kafka_consumer_lag_messages",
      "Messages not yet committed in the partitions held.",
      names,
    );
    for (const counter of [this.#messages, this.#failures, this.#letters]) counter.inc(this.#labels, 0);
    this.joined(false);
  }

  joined(active: boolean): void {
    this.#active.set(this.#labels, active ? 1 : 0);
    // What a former member lagged behind says nothing any more.
    if (!active) this.#lag.remove(this.#labels);
  }

  lags(messages: number): void {
    this.#lag.set(this.#labels, messages);
  }

  handled(messages: number): void {
    this.#messages.inc(this.#labels, messages);
    this.#batches.observe(this.#labels, messages);
  }

  failed(): void {
    this.#failures.inc(this.#labels);
  }

  buried(messages: number): void {
    this.#letters.inc(this.#labels, messages);
  }
}
