import { type Reading, topicNames } from "../../../apps/sensors/contract.ts";
import type { Probe } from "../../../lib/probe.ts";

/** Of a device of its own each, so that every reading is its device's first motion, and raises an alert. */
const reading: Reading = { device: "{run}.{seq}", type: "motion", value: true, time: "{time}" };

/** Every reading has a row, and an alert at least once. */
export const sensorProbes: readonly Probe[] = [
  {
    topic: topicNames.readings,
    key: "{run}-{lane}",
    headers: {},
    value: { text: JSON.stringify(reading) },
    id: { field: "device" },
    ends: [
      { kind: "topic", topic: topicNames.alerts, id: { field: "device" }, ordered: false },
      { kind: "table", table: "iot.readings", idColumn: "device", timeColumn: "received_at" },
    ],
  },
];
