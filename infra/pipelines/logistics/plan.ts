import { join } from "node:path";
import { deadLetterName } from "../../../apps/common/topics.ts";
import { analyserEnv } from "../../../apps/logistics/analyser/env.ts";
import { bridgeEnv } from "../../../apps/logistics/bridge/env.ts";
import { analyserGroup, logisticsTopics, topicNames } from "../../../apps/logistics/contract.ts";
import { sensorEnv } from "../../../apps/logistics/sensor/env.ts";
import type { CoreConfig } from "../../config/schema.ts";
import { appImage } from "../../plan/images.ts";
import type { FilePlan, PipelinePlan, ServicePlan, TopicPlan } from "../../plan/parts.ts";
import { type Key, type Own, topicOf } from "./rules.ts";

const MB = 1024 * 1024;
const hourMs = 3_600_000;
const csvInContainer = "/data/readings.csv";
const modelsInContainer = "/models";
const demoFile = "apps/logistics/sensor/demo/players.csv";

const delimiters = { comma: ",", semicolon: ";", tab: "\t" } as const;

/**
 * Sensors → MQTT → bridges → Kafka and the document store; analysers read from both and write to both. All are numbered
 * from 1, so that scaling touches no sibling; another number of bridges deals the lanes anew, and the bridges start again with theirs.
 */
export function planLogistics(own: Own, core: CoreConfig): PipelinePlan<Key> {
  const bridges = numbered(own.bridges, (number) => bridge(own, number));
  const analysers = numbered(own.analysers, (number) => analyser(own, number));
  const sensors = numbered(own.sensors, (number) => sensor(own, number, bridges));
  return {
    topics: topics(own, core),
    services: [...bridges, ...analysers, ...sensors],
    outputs: (at) => ({
      logisticsBridgeUrls: bridges.map(({ name }) => at.url(name)),
      logisticsAnalyserUrls: analysers.map(({ name }) => at.url(name)),
    }),
    hints: () => [
      { output: "mqttUrl", run: `mosquitto_sub -v -L "{output}/${topicOf(own)}/#"` },
      ...(own.analysers === 0 ? [] : [{ script: "./scripts/forecasts" }]),
      { output: "documentsUrl", run: 'mongosh "{output}" --eval "db.readings.find().limit(5)"' },
    ],
  };
}

function numbered<T>(count: number, make: (number: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index + 1));
}

function topics(own: Own, { kafka }: CoreConfig): TopicPlan<Key>[] {
  return logisticsTopics({
    readings: topicOf(own),
    partitions: own.partitions,
    retentionMs: own.retentionHours * hourMs,
    retentionBytes: own.retentionMB * MB,
  }).map((topic) => ({
    ...topic,
    replication: kafka.replication,
    minInsync: kafka.minInsync,
    retention: { key: "logistics.retentionMB", MB: own.retentionMB },
    ...(topic.name === topicNames.results ? {} : { namedBy: "logistics.topic" }),
  }));
}

function common(own: Own) {
  return { memory: { MB: own.memoryMB, key: "logistics.memoryMB", least: 128 } } as const;
}

function bridge(own: Own, number: number): ServicePlan<Key> {
  return {
    ...common(own),
    name: `logistics-bridge-${number}`,
    role: "bridge",
    image: appImage("logistics-bridge"),
    http: { port: own.port, key: "logistics.port" },
    uses: {
      // What it refuses, it writes itself: it reads no topic of Kafka.
      writes: [topicOf(own), deadLetterName(topicOf(own))],
      stores: ["documents"],
      mqtt: { reads: [`${topicOf(own)}/+/+`] },
    },
    // A lab that waits for devices of your own is up without their readings.
    ...(own.sensors === 0 || number > 1 ? {} : { flows: "logistics_readings_bridged_total" }),
    env: (at) =>
      bridgeEnv.format({
        KAFKA_BOOTSTRAP_SERVERS: at.bootstrapServers,
        ...at.http,
        ...at.documents(),
        ...at.mqtt(),
        BRIDGE_NUMBER: number,
        BRIDGES: own.bridges,
        KAFKA_TOPIC_NAME: topicOf(own),
        MQTT_TOPIC_NAME: topicOf(own),
        FIELDS: own.fields,
        MAX_LATE_SEC: own.maxLateSeconds,
        MAX_AHEAD_SEC: own.maxAheadSeconds,
        KEEP_DAYS: own.keepDays,
      }),
  };
}

function analyser(own: Own, number: number): ServicePlan<Key> {
  const name = `logistics-analyser-${number}`;
  return {
    name,
    role: "analyser",
    image: appImage("logistics-analyser"),
    memory: { MB: own.analyserMemoryMB, key: "logistics.analyserMemoryMB", least: 256 },
    http: { port: own.analyserPort, key: "logistics.analyserPort" },
    uses: {
      reads: [{ topic: topicOf(own), group: analyserGroup }],
      writes: [topicNames.results],
      stores: ["documents"],
    },
    files: [modelFiles(own, number)],
    env: (at) =>
      analyserEnv.format({
        KAFKA_BOOTSTRAP_SERVERS: at.bootstrapServers,
        ...at.http,
        ...at.documents(),
        ANALYSER_NAME: name,
        KAFKA_TOPIC_NAME: topicOf(own),
        KAFKA_CONSUMER_GROUP_ID: analyserGroup,
        MODEL_PATH: modelsInContainer,
        MODEL_FORM: own.modelForm,
        REFIT_MINUTES: own.refitMinutes,
        INTERVAL_WIDTH: own.intervalWidth,
      }),
  };
}

/** Where an analyser's models are. */
function modelFiles(own: Own, number: number): FilePlan<Key> {
  const name = `logistics-analyser-${number}-models`;
  const path = modelsInContainer;
  if (own.models === "") return { kind: "volume", name, path };
  return {
    kind: "folder",
    name,
    folder: join(own.models, `analyser-${number}`),
    key: "logistics.models",
    path,
  };
}

function sensor(own: Own, number: number, bridges: readonly ServicePlan<Key>[]): ServicePlan<Key> {
  const name = `logistics-sensor-${number}`;
  return {
    ...common(own),
    name,
    role: "sensor",
    image: appImage("logistics-sensor"),
    http: { port: own.sensorPort, key: "logistics.sensorPort" },
    uses: {
      mqtt: { writes: [`${topicOf(own)}/+/+`] },
      // Their sessions must be there before what is to wait in them.
      services: bridges.map((one) => one.name),
    },
    ...(own.csv === ""
      ? {}
      : { files: [{ kind: "file", file: own.csv, key: "logistics.csv", path: csvInContainer }] }),
    env: (at) =>
      sensorEnv.format({
        ...at.http,
        ...at.mqtt(),
        SENSOR_ID: `sensor-${number}`,
        MQTT_TOPIC_NAME: topicOf(own),
        CSV_FILE: own.csv === "" ? demoFile : csvInContainer,
        CSV_DELIMITER: delimiters[own.delimiter],
        CSV_HEADER: own.header,
        CSV_TIME_COLUMN: own.timeColumn,
        TIMES: own.times,
        SPEED: own.speed,
        LOOP: own.loop,
      }),
  };
}
