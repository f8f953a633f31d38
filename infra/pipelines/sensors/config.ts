import { sensorTypes, thresholdsSchema } from "../../../apps/sensors/contract.ts";
import { decimal, flag, integer, words, yaml } from "../../config/kinds.ts";
import { port, retention } from "../../config/schema.ts";

const keepDays = { min: 1, max: 3650 };

/** Keys of the pipeline. */
export const keys = {
  enabled: flag(false, "Run the sensors pipeline"),
  devices: integer(
    { min: 0, max: 100_000 },
    8,
    "Simulated devices; 0 runs no simulator, for a lab that real devices send to",
  ),
  intervalSeconds: decimal({ min: 0.001, max: 86_400 }, 1, "Seconds between two readings of a device"),
  types: words(sensorTypes, [...sensorTypes], "What the simulated devices measure; they take these in turn"),
  anomalyProbability: decimal({ min: 0, max: 1 }, 0.05, "Share of the simulated readings that are wrong"),
  seed: integer({ min: 0, max: 4_294_967_295 }, 1, "The same seed has the same readings at the same times"),
  thresholds: yaml(
    thresholdsSchema,
    {},
    "When alerts begin and end, where it differs from the defaults",
    "a YAML map of alert to its thresholds such as {high-humidity: {above: 85}}, see docs/sensors.md, or empty",
  ),
  alerters: integer({ min: 1, max: 32 }, 1, "Alerters, which share the readings; at most sensors.partitions"),
  maxLateSeconds: integer(
    { min: 1, max: 31_536_000 },
    86_400,
    "A reading that is older is refused as that of a wrong clock",
  ),
  maxAheadSeconds: integer({ min: 0, max: 86_400 }, 60, "How far ahead a device's clock may be, in seconds"),
  partitions: integer({ min: 1, max: 128 }, 6, "Partitions of the readings topic and of the alerts"),
  retentionHours: integer({ min: 1, max: 8760 }, 24, "Hours for which Kafka keeps a message"),
  retentionMB: integer(retention, 64, "MB kept of one partition, whatever its age"),
  keepDays: integer(keepDays, 7, "Days for which PostgreSQL keeps readings and alerts"),
  keepMinutesDays: integer(keepDays, 30, "Days for which it keeps their roll-up by minute"),
  keepHoursDays: integer(keepDays, 365, "Days for which it keeps their roll-up by hour"),
  port: integer(port, 9900, "Published port of the store; simulator and alerters follow"),
  memoryMB: integer({ min: 128, max: 65_536 }, 384, "Memory limit of each of its apps in MB"),
};
