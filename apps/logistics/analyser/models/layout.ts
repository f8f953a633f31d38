import { createHash } from "node:crypto";
import { join } from "node:path";

/** Name of the model, in the models' folder, of every sensor that has none of its own. */
export const defaultFile = "default.json";
/** Folder of the sensors' own models, in the models' folder. */
export const sensorsFolder = "sensors";

/** Longest name that is spelt out; file systems take 255 bytes, and a file that is being written has a longer one. */
const longestName = 200;

/** Where the model of a sensor is, in the models' folder: `sensors/<sensor, as in a URL>.json`. */
export function fileOf(sensor: string): string {
  // Half of a surrogate pair has no encoding; no encoding begins with %s.
  const spelt = encodeURIComponent(sensor.toWellFormed());
  const plain = spelt.length <= longestName && spelt.trim() !== "" && sensor.isWellFormed();
  return join(sensorsFolder, `${plain ? spelt : `%sha256-${digest(sensor)}`}.json`);
}

function digest(text: string): string {
  return createHash("sha256").update(Buffer.from(text, "utf16le")).digest("hex");
}
