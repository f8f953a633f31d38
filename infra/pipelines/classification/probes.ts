import { imageHeaders, topicNames } from "../../../apps/classification/contract.ts";
import type { Probe } from "../../../lib/probe.ts";

/** A PNG of 32 × 32 pixels of one colour. */
export const picture =
  "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgAQMAAABJtOi3AAAAA1BMVEUzZqqE8+DEAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAADElEQVQI12NgGNwAAACgAAFhJX1HAAAAAElFTkSuQmCC";

/** Every image has a row, a result, and a row for that. */
export const classificationProbes: readonly Probe[] = [
  {
    topic: topicNames.images,
    key: "{run}-{lane}",
    headers: {
      [imageHeaders.id]: "{run}.{seq}",
      [imageHeaders.producer]: "{run}",
      [imageHeaders.device]: "{lane}",
      [imageHeaders.seq]: "{seq}",
      [imageHeaders.contentType]: "image/png",
      [imageHeaders.scheduledUs]: "{us}",
      [imageHeaders.sentUs]: "{us}",
    },
    value: { base64: picture },
    id: { headers: [imageHeaders.id] },
    ends: [
      { kind: "topic", topic: topicNames.results, id: { field: "id" }, ordered: true },
      { kind: "table", table: "images", idColumn: "id", timeColumn: "received_at" },
      { kind: "table", table: "results", idColumn: "image_id", timeColumn: "received_at" },
    ],
  },
];
