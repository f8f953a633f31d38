import type { Documents } from "../../common/documents.ts";
import { collections, type Forecast, type ReadingDocument } from "../contract.ts";
import type { Observation } from "./fit/history.ts";

/** A document of `forecasts`: what was published, and by which model. */
export interface ForecastDocument extends Omit<Forecast, "ds"> {
  /** `<sensor>/<ds>`, so that a reading that comes again has one forecast. */
  readonly _id: string;
  readonly ds: Date;
  readonly madeAt: Date;
  /** When it was fitted, and the end of the history that it knew. */
  readonly model: { readonly fittedAt: Date; readonly historyTo: Date };
}

/** The latest readings of a sensor, in the order of time. */
export async function readHistory(
  documents: Pick<Documents, "collection">,
  sensor: string,
  most: number,
): Promise<Observation[]> {
  const found = await documents
    .collection<ReadingDocument>(collections.readings)
    .find({ sensor }, { projection: { ts: 1, value: 1 } })
    .sort({ ts: -1 })
    .limit(most)
    .toArray();
  return found.map(({ ts, value }) => ({ timeMs: ts.getTime(), value })).toReversed();
}

/** What the queries of readings and of forecasts need. */
export async function ensureIndexes(documents: Pick<Documents, "ensureIndex">): Promise<void> {
  await documents.ensureIndex(collections.readings, { sensor: 1, ts: 1 });
  await documents.ensureIndex(collections.forecasts, { sensor: 1, ds: 1 });
}
