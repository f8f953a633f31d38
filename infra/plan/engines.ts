import type { DocumentEngine, Found } from "../config/found.ts";
import type { CoreConfig } from "../config/schema.ts";
import { dataName } from "./data-names.ts";
import type { PlacedBefore } from "./placement.ts";

type Asked = Pick<CoreConfig, "documents" | "discardData">;

/** The engine whose data a lab has and does not give up; undefined where there is none. */
export function keptEngine(
  { discardData }: Pick<Asked, "discardData">,
  before: PlacedBefore,
  { documents }: Found,
): DocumentEngine | undefined {
  const host = before.get("documents");
  return host !== undefined && discardData.includes(dataName("documents", host)) ? undefined : documents;
}

/**
 * The engine that the document store is to be. Left to the lab, it is what its data are in already, though an image came
 * or went since; for a lab without any, MongoDB where its image could be pulled.
 */
export function engineOf(core: Asked, before: PlacedBefore, found: Found): DocumentEngine {
  const { engine } = core.documents;
  if (engine !== "auto") return engine;
  return keptEngine(core, before, found) ?? (found.pulled.has("mongodb") ? "mongodb" : "ferretdb");
}
