import { forms } from "../../../apps/logistics/analyser/env.ts";
import { fieldsSchema, laneCount, timings } from "../../../apps/logistics/contract.ts";
import { choice, decimal, flag, folder, integer, word, yaml } from "../../config/kinds.ts";
import { port, retention } from "../../config/schema.ts";

/** Keys of the pipeline. */
export const keys = {
  enabled: flag(false, "Run the logistics pipeline"),
  sensors: integer(
    { min: 0, max: 64 },
    2,
    "Sensors that replay the CSV file; 0 runs none, for devices of your own",
  ),
  topic: word("Image", "Topic of the readings in Kafka, and the first level of their MQTT topics", "Image"),
  csv: folder("CSV file that sensors replay, on the machine that they are on; the demo file if empty"),
  delimiter: choice(["comma", "semicolon", "tab"], "comma", "What is between the columns of the CSV file"),
  header: flag(true, "Whether its first line has the columns' names; otherwise they are column1, column2, …"),
  timeColumn: word("ts", "Column of the time: ISO 8601, or seconds or milliseconds since the epoch"),
  times: choice(
    timings,
    "shifted",
    "Times of the file: moved by whole weeks so that it ends in the week before now, or as they are",
  ),
  speed: decimal(
    { min: 0.001, max: 1_000_000 },
    600,
    "How many times as fast as they were measured lines are sent",
  ),
  loop: flag(true, "Begin the file again after its last line"),
  fields: yaml(
    fieldsSchema,
    fieldsSchema.parse({}),
    "Members of an MQTT payload that a reading is made of, where they differ from the defaults",
    "a YAML map such as {value: visitors}, see docs/logistics.md, or empty",
  ),
  bridges: integer({ min: 1, max: laneCount }, 1, "Bridges, which share the lanes of the MQTT topics"),
  maxLateSeconds: integer(
    { min: 1, max: 315_360_000 },
    31_536_000,
    "A reading that is older is refused as that of a wrong clock",
  ),
  maxAheadSeconds: integer(
    { min: 0, max: 315_360_000 },
    60,
    "How far ahead a sensor's clock may be, in seconds",
  ),
  keepDays: integer({ min: 1, max: 3650 }, 30, "Days for which the document store keeps what came"),
  analysers: integer(
    { min: 0, max: 32 },
    1,
    "Analysers, which share the readings and forecast them; at most logistics.partitions",
  ),
  models: folder(
    "Host folder with a folder of models for each analyser, to put your own there; volumes if empty",
  ),
  modelForm: choice(forms, "auto", "How trend and cycles of a model that is fitted come together"),
  refitMinutes: decimal(
    { min: 0, max: 525_600 },
    60,
    "Minutes after which a sensor's model is fitted anew; 0 fits none",
  ),
  intervalWidth: decimal(
    { min: 0.01, max: 0.999 },
    0.8,
    "Share of the readings that are to lie within the interval of their forecast",
  ),
  partitions: integer({ min: 1, max: 128 }, 3, "Partitions of the readings topic and of the results"),
  retentionHours: integer({ min: 1, max: 8760 }, 24, "Hours for which Kafka keeps a message"),
  retentionMB: integer(retention, 64, "MB kept of one partition, whatever its age"),
  port: integer(port, 9950, "Published port of the first bridge; the others follow"),
  sensorPort: integer(port, 9960, "Published port of the first sensor; the others follow"),
  analyserPort: integer(port, 9940, "Published port of the first analyser; the others follow"),
  analyserMemoryMB: integer({ min: 256, max: 65_536 }, 512, "Memory limit of an analyser in MB"),
  memoryMB: integer({ min: 128, max: 65_536 }, 256, "Memory limit of each of its apps in MB"),
};
