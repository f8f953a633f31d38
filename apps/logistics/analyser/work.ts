import {
  type KafkaMessage,
  type OutgoingMessage,
  PoisonError,
  type Rejection,
} from "../../common/kafka-message.ts";
import { parseJson, validated } from "../../common/validated.ts";
import { type Forecast, readingSchema } from "../contract.ts";
import type { ForecastDocument } from "./documents.ts";
import { forecastAt } from "./model/forecast.ts";
import type { Model } from "./model/model.ts";

export interface WorkOptions {
  readonly models: { of(sensor: string): Model | undefined };
  /** Told of each reading, whether it has a model or not. */
  readonly see: (sensor: string, timeMs: number) => void;
  /** Topic of the forecasts. */
  readonly topic: string;
  /** Adds what is not there yet. @returns how many were added */
  readonly store: (documents: readonly ForecastDocument[]) => Promise<number>;
  /** Resolves when every in-sync replica has the message. */
  readonly send: (message: OutgoingMessage) => Promise<void>;
  readonly count: (counts: Counts) => void;
  /** ms since the epoch. */
  readonly now: () => number;
}

/** What became of the readings of a batch. */
export interface Counts {
  readonly forecast: number;
  /** There is no model for their sensor yet. */
  readonly unmodelled: number;
  /** Forecasts that were stored before: the reading came again. */
  readonly repeated: number;
}

interface Made {
  readonly forecast: Forecast;
  readonly document: ForecastDocument;
}

/**
 * What is done with a batch of readings: it resolves when the forecast for each is in the document store and in Kafka, so
 * that no reading is committed whose forecast could still be lost. A forecast that is stored stays as it was first made.
 */
export function analyseBatch({ models, see, topic, store, send, count, now }: WorkOptions) {
  return async (messages: readonly KafkaMessage[]): Promise<readonly Rejection[]> => {
    const made: Made[] = [];
    const rejections: Rejection[] = [];
    let unmodelled = 0;
    for (const message of messages) {
      try {
        const { sensor, timeMs } = parseReading(message);
        see(sensor, timeMs);
        const model = models.of(sensor);
        if (model === undefined) unmodelled += 1;
        else made.push(forecastOf(model, sensor, timeMs, now()));
      } catch (error) {
        if (!(error instanceof PoisonError)) throw error;
        rejections.push({ message, reason: error.message });
      }
    }
    const added = await store(made.map(({ document }) => document));
    await Promise.all(
      made.map(({ forecast }) => send({ topic, key: forecast.sensor, value: JSON.stringify(forecast) })),
    );
    count({ forecast: made.length, unmodelled, repeated: made.length - added });
    return rejections;
  };
}

/** @throws {PoisonError} when the message is no reading */
function parseReading({ value }: KafkaMessage): { sensor: string; timeMs: number } {
  const { sensor, ts } = validated("reading", readingSchema, parseJson(value));
  return { sensor, timeMs: Date.parse(ts) };
}

function forecastOf(model: Model, sensor: string, timeMs: number, nowMs: number): Made {
  const { yhat, lower, upper } = forecastAt(model, timeMs);
  if (![yhat, lower, upper].every(Number.isFinite)) {
    throw new PoisonError(
      `reading: ts: the model has no finite forecast for ${new Date(timeMs).toISOString()}`,
    );
  }
  const ds = new Date(timeMs);
  // The members' order is that of the messages.
  const forecast: Forecast = {
    ds: ds.toISOString(),
    yhat,
    yhat_lower: lower,
    yhat_upper: upper,
    sensor,
  };
  const { fittedAt, history } = model.card;
  const document: ForecastDocument = {
    ...forecast,
    _id: `${sensor}/${forecast.ds}`,
    ds,
    madeAt: new Date(nowMs),
    model: { fittedAt: new Date(fittedAt), historyTo: new Date(history.to) },
  };
  return { forecast, document };
}
