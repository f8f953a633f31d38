import { alerterEnv } from "../../../apps/sensors/alerter/env.ts";
import { alerterGroup, sensorTopics, storeGroup, topicNames } from "../../../apps/sensors/contract.ts";
import { simulatorEnv } from "../../../apps/sensors/simulator/env.ts";
import { storeEnv } from "../../../apps/sensors/store/env.ts";
import type { CoreConfig } from "../../config/schema.ts";
import { appImage } from "../../plan/images.ts";
import type { PipelinePlan, ServicePlan, TopicPlan } from "../../plan/parts.ts";
import { sensorProbes } from "./probes.ts";
import type { Key, Own } from "./rules.ts";

const MB = 1024 * 1024;
const hourMs = 3_600_000;

/**
 * Readings of devices, simulated and real ones: alerters share them, and the store has them and the alerts in
 * PostgreSQL. Alerters are numbered from 1, so that scaling touches no other.
 */
export function planSensors(own: Own, core: CoreConfig): PipelinePlan<Key> {
  const alerters = Array.from({ length: own.alerters }, (_, index) => alerter(own, index + 1));
  const simulators = own.devices === 0 ? [] : [simulator(own, core)];
  return {
    topics: topics(own, core),
    // Store and simulator first: each has the same port however many alerters there are.
    services: [store(own), ...simulators, ...alerters],
    probes: sensorProbes,
    outputs: (at) => ({ sensorAlerterUrls: alerters.map(({ name }) => at.url(name)) }),
    hints: () => [
      { sql: "select * from iot.alerts limit 5" },
      ...(own.devices === 0 ? [] : [{ script: "./scripts/scores" }]),
    ],
  };
}

function topics(own: Own, { kafka }: CoreConfig): TopicPlan<Key>[] {
  return sensorTopics({
    partitions: own.partitions,
    retentionMs: own.retentionHours * hourMs,
    retentionBytes: own.retentionMB * MB,
  }).map((topic) => ({
    ...topic,
    replication: kafka.replication,
    minInsync: kafka.minInsync,
    retention: { key: "sensors.retentionMB", MB: own.retentionMB },
  }));
}

function common(own: Own) {
  return {
    memory: { MB: own.memoryMB, key: "sensors.memoryMB", least: 128 },
    http: { port: own.port, key: "sensors.port" },
  } as const;
}

function store(own: Own): ServicePlan<Key> {
  return {
    ...common(own),
    name: "sensors-store-1",
    role: "store",
    image: appImage("sensors-store"),
    uses: {
      reads: [
        { topic: topicNames.readings, group: storeGroup },
        { topic: topicNames.alerts, group: `${storeGroup}-alerts` },
      ],
      stores: ["postgres"],
    },
    // A lab that waits for real devices is up without their readings.
    ...(own.devices === 0 ? {} : { flows: "recorder_rows_inserted_total" }),
    env: (at) =>
      storeEnv.format({
        KAFKA_BOOTSTRAP_SERVERS: at.bootstrapServers,
        ...at.http,
        ...at.postgres(),
        KAFKA_CONSUMER_GROUP_ID: storeGroup,
        KEEP_DAYS: own.keepDays,
        KEEP_MINUTES_DAYS: own.keepMinutesDays,
        KEEP_HOURS_DAYS: own.keepHoursDays,
        MAX_AHEAD_SEC: own.maxAheadSeconds,
      }),
  };
}

function alerter(own: Own, number: number): ServicePlan<Key> {
  const name = `sensors-alerter-${number}`;
  return {
    ...common(own),
    name,
    role: "alerter",
    image: appImage("sensors-alerter"),
    uses: { reads: [{ topic: topicNames.readings, group: alerterGroup }], writes: [topicNames.alerts] },
    env: (at) =>
      alerterEnv.format({
        KAFKA_BOOTSTRAP_SERVERS: at.bootstrapServers,
        ...at.http,
        ALERTER_NAME: name,
        KAFKA_CONSUMER_GROUP_ID: alerterGroup,
        THRESHOLDS: own.thresholds,
        MAX_LATE_SEC: own.maxLateSeconds,
        MAX_AHEAD_SEC: own.maxAheadSeconds,
      }),
  };
}

function simulator(own: Own, { kafka }: CoreConfig): ServicePlan<Key> {
  return {
    ...common(own),
    name: "sensors-simulator-1",
    role: "simulator",
    image: appImage("sensors-simulator"),
    uses: { writes: [topicNames.readings] },
    env: (at) =>
      simulatorEnv.format({
        KAFKA_BOOTSTRAP_SERVERS: at.bootstrapServers,
        ...at.http,
        KAFKA_TOPIC_NAME: topicNames.readings,
        KAFKA_PARTITIONS: own.partitions,
        KAFKA_REPLICATION_FACTOR: kafka.replication,
        IOT_NUM_DEVICES: own.devices,
        IOT_DATA_INTERVAL_SEC: own.intervalSeconds,
        IOT_DEVICE_TYPES: own.types,
        IOT_ANOMALY_PROBABILITY: own.anomalyProbability,
        IOT_SEED: own.seed,
      }),
  };
}
