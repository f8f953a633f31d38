import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDocuments } from "../apps/common/documents.ts";
import { createProducer, type KafkaMessage } from "../apps/common/kafka.ts";
import { createLogger } from "../apps/common/logging.ts";
import { createMqttPublisher } from "../apps/common/mqtt.ts";
import type { RawDocument } from "../apps/logistics/contract.ts";
import { readDetections } from "../scripts/lab/detections.ts";
import { findMessage } from "./support/kafka.ts";
import { docker, eventually, TestLab } from "./support/lab.ts";

const folder = mkdtempSync(join(tmpdir(), "edgelab-video-"));
const truncateEvery = 50;
const lab = new TestLab("video", {
  ports: { offset: 6000 },
  // The one lab of the whole-lab tests that ZooKeeper coordinates; all others have KRaft.
  kafka: { mode: "zookeeper", version: "3.9" },
  classification: { enabled: false },
  video: {
    enabled: true,
    truncateEvery,
    replication: 3,
    cameras: JSON.stringify([
      { name: "yard", url: "test", topic: "yard" },
      { name: "gate", url: "test", topic: "FrontGATE1", format: "json", fps: 10 },
    ]),
    consumers: JSON.stringify([
      { name: "frames", topic: "yard", kind: "frames" },
      { name: "archive", topic: "yard", kind: "segments", segmentSeconds: 10 },
      { name: "gate", topic: "FrontGATE1", kind: "single" },
    ]),
  },
  grayscale: { enabled: true, processors: 2, outputFolder: join(folder, "output") },
  logistics: { enabled: true, bridges: 2, sensors: 3 },
  sensors: { enabled: true, devices: 10, intervalSeconds: 0.5, thresholds: "{low-pressure: {below: 985}}" },
});

interface CameraState {
  readonly name: string;
  readonly nextSeq: number;
  readonly inFlight: number;
  /** What is wrong with getting its frames. */
  readonly capture: string | null;
  readonly totals: Readonly<Record<string, number>>;
}

const name = (service: string) => `edgelab-${lab.stack}-${service}`;
const inside = (service: string, ...command: string[]) => docker("exec", name(service), ...command);

async function camera(which: string): Promise<CameraState> {
  const { cameras } = (await (await fetch("http://127.0.0.1:15650/cameras")).json()) as {
    cameras: CameraState[];
  };
  const found = cameras.find((one) => one.name === which);
  if (found === undefined) throw new Error(`the producer knows no camera ${which}`);
  return found;
}

/** Numbers of the frames saved, ascending, from `<camera>/<date>/<time>-<seq>.jpg`. */
async function savedSeqs(): Promise<number[]> {
  const files = await inside("video-frames", "find", "/output/yard", "-name", "*.jpg");
  const seqs = files.split("\n").map((file) => Number(/-(\d+)\.jpg$/.exec(file)?.[1]));
  return seqs.sort((a, b) => a - b);
}

/** Waits until the camera has sent this many frames more. */
async function framesMore(which: string, count: number): Promise<void> {
  const { nextSeq } = await camera(which);
  await eventually(`${count} more frames of ${which}`, async () =>
    (await camera(which)).nextSeq >= nextSeq + count ? true : undefined,
  );
}

/** Kills the main process as a crash would; `docker kill` would keep Docker from restarting it. */
async function crash(service: string): Promise<void> {
  const pid = await docker("container", "inspect", "--format", "{{.State.Pid}}", name(service));
  process.kill(Number(pid), "SIGKILL");
}

async function healthy(service: string): Promise<void> {
  await eventually(`${service} to be healthy`, async () => {
    const state = await docker("container", "inspect", "--format", "{{.State.Health.Status}}", name(service));
    return state === "healthy" ? true : undefined;
  });
}

interface Probe {
  readonly streams: readonly {
    readonly codec_name: string;
    readonly codec_tag_string: string;
    readonly avg_frame_rate: string;
    readonly nb_read_frames: string;
  }[];
  readonly format: { readonly duration: string };
}

async function probe(file: string): Promise<Probe> {
  const args = ["-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json", file];
  return JSON.parse((await execa("ffprobe", args)).stdout) as Probe;
}

async function filesIn(service: string, pattern: string): Promise<string[]> {
  const text = await inside(service, "find", "/output", "-name", pattern, "-not", "-path", "*/.work/*");
  return text
    .split("\n")
    .filter((file) => file !== "")
    .sort();
}

beforeAll(async () => {
  await lab.init();
  await lab.up();
});

afterAll(async () => {
  await lab.remove();
  rmSync(folder, { recursive: true });
});

describe("the video pipeline", () => {
  it("sends frames of both cameras at their rates, in spite of truncated ones", async () => {
    await framesMore("yard", 2 * truncateEvery);
    await framesMore("gate", 20);
    const [yard, gate] = await Promise.all([camera("yard"), camera("gate")]);
    expect(yard.totals.bad).toBeGreaterThan(0);
    // Of a camera at 30 frames a second, most are left out at 10.
    expect(gate.totals.skipped).toBeGreaterThan(gate.nextSeq);
  });

  it("recovers from a camera, a ZooKeeper node, a broker, a recorder and a saver that die, and loses nothing that was accepted", async () => {
    await docker("stop", "--time", "1", name("video-camera-1"));
    await eventually("the producer to miss its camera", async () =>
      (await camera("yard")).capture === null ? undefined : true,
    );
    await docker("start", name("video-camera-1"));
    await framesMore("yard", 60);

    await crash("zookeeper-2");
    await framesMore("yard", 60);
    await crash("kafka-1");
    await framesMore("yard", 60);
    await crash("video-archive");
    await crash("video-frames");
    await framesMore("yard", 60);
    await Promise.all(["zookeeper-2", "kafka-1", "video-archive", "video-frames"].map(healthy));
    await framesMore("yard", 60);

    const { nextSeq, inFlight, totals } = await camera("yard");
    expect(totals.lost).toBe(0);
    const accepted = nextSeq - inFlight;
    const saved = await eventually("every accepted frame to be saved", async () => {
      const seqs = await savedSeqs();
      return (seqs.at(-1) ?? 0) >= accepted - 1 ? seqs : undefined;
    });
    // Each once, in spite of what came twice.
    expect(saved).toEqual(saved.map((_, seq) => seq));
  });

  it("records playable segments of the right codec, rate, length and number of frames", async () => {
    const [first] = await eventually("a segment", async () => {
      const found = await filesIn("video-archive", "*.avi");
      return found.length > 0 ? found : undefined;
    });
    const copy = join(folder, "segment.avi");
    await docker("cp", `${name("video-archive")}:${first}`, copy);
    const { streams, format } = await probe(copy);
    expect(streams).toHaveLength(1);
    expect(streams[0]).toMatchObject({ codec_name: "mjpeg", avg_frame_rate: "30/1" });
    const frames = Number(streams[0]?.nb_read_frames);
    expect(Math.abs(frames - 300)).toBeLessThanOrEqual(2);
    expect(Math.abs(Number(format.duration) - frames / 30)).toBeLessThan(0.05);
  });

  it("finishes the one AVI of a camera when its recorder is told to end", async () => {
    await framesMore("gate", 30);
    await docker("stop", "--time", "60", name("video-gate"));
    await docker("start", name("video-gate"));
    await healthy("video-gate");
    // What FFmpeg has not made of it when the grace period is over is left to the next start.
    const [file = ""] = await eventually("the recording", async () => {
      const found = await filesIn("video-gate", "*.avi");
      return found.length > 0 ? found : undefined;
    }).catch(async (cause) => {
      const said = await docker("logs", "--tail", "40", name("video-gate"));
      throw new Error(`${String(cause)}; the recorder said:\n${said}`, { cause });
    });
    const copy = join(folder, "gate.avi");
    await docker("cp", `${name("video-gate")}:${file}`, copy);
    const { streams, format } = await probe(copy);
    expect(streams[0]).toMatchObject({ codec_tag_string: "XVID", avg_frame_rate: "10/1" });
    expect(Math.abs(Number(format.duration) - Number(streams[0]?.nb_read_frames) / 10)).toBeLessThan(0.11);
  });
});

/** What a client takes of a URL with a user. */
function clientOf({ hostname, port, username, password }: URL) {
  return { host: hostname, port: Number(port), user: username, password };
}

/** What PostgreSQL answers, one line a row. */
const sql = (text: string) =>
  inside("postgres", "psql", "-qtAX", "--username=postgres", "--dbname=edgelab", `--command=${text}`);

describe("the sensors pipeline", () => {
  it("has readings, their roll-ups and the alerts of injected anomalies in PostgreSQL", async () => {
    const kinds = await eventually("alerts of several kinds", async () => {
      const found = (await sql("SELECT DISTINCT kind FROM iot.alerts ORDER BY kind")).split("\n");
      return found.length >= 4 ? found : undefined;
    });
    expect(kinds).toEqual(expect.arrayContaining(["anomaly", "extreme-temperature"]));
    // One statement sees one moment.
    const counts = "SELECT (SELECT count(*) FROM iot.readings) - (SELECT sum(count) FROM iot.readings_by_";
    expect(await sql(`${counts}minute)`)).toBe("0");
    expect(await sql(`${counts}hour)`)).toBe("0");
  });

  it("finds most of the anomalies that the simulator put into readings", async () => {
    const detections = await eventually("judged anomalies", async () => {
      const found = readDetections([await (await fetch("http://127.0.0.1:15902/metrics")).text()]);
      const { hit = 0, miss = 0 } = found.get("temperature") ?? {};
      return hit + miss >= 10 ? found : undefined;
    });
    const temperature = detections.get("temperature");
    expect(temperature?.hit).toBeGreaterThan(4 * (temperature?.false_alarm ?? 0));
    expect(temperature?.hit).toBeGreaterThan(temperature?.miss ?? 0);
  });

  it("takes readings from outside, and moves what is none aside with the reason", async () => {
    const { bootstrapServers } = await lab.outputs();
    const servers = bootstrapServers.split(",");
    const log = createLogger({ app: "lab-test", level: "fatal", environment: "test" });
    const device = createProducer({ bootstrapServers: servers, clientId: "roof-1", log });
    const reading = { device: "roof-1", type: "humidity", value: 97, time: new Date().toISOString() };
    const old = { ...reading, time: "2020-01-01T00:00:00Z" };
    for (const message of [old, reading])
      await device.send({ topic: "iot-sensor-data", key: "roof-1", value: JSON.stringify(message) });
    await device.close();
    const isOld = ({ value }: KafkaMessage) => String(value) === JSON.stringify(old);
    const letter = await findMessage(servers, "iot-sensor-data.dlq", isOld, 60);
    expect(String(letter.headers.get("dlq-reason"))).toMatch(/^time 2020-01-01T00:00:00Z is \d+ s ago$/);
    const alert = await eventually("the device's alert", async () => {
      const found = await sql("SELECT kind, detail FROM iot.alerts WHERE device = 'roof-1'");
      return found === "" ? undefined : found;
    });
    expect(alert).toBe("high-humidity|97 % is above 90 %");
  });
});

describe("the logistics pipeline", () => {
  it("has what its sensors and a device sent in documents and on Kafka, though bridge and stores fail", async () => {
    const { documentsUrl, mqttUrl, bootstrapServers } = await lab.outputs();
    const [store, broker] = [new URL(documentsUrl), new URL(mqttUrl)];
    const log = createLogger({ app: "lab-test", level: "fatal", environment: "test" });
    const documents = openDocuments({
      ...clientOf(store),
      database: store.pathname.slice(1),
      maxConnections: 1,
      applicationName: "lab-test",
      log,
    });
    const readings = () => documents.collection("readings").countDocuments();
    const more = async (count: number) => {
      const before = await readings();
      await eventually(`${count} more readings`, async () =>
        (await readings()) >= before + count ? true : undefined,
      );
    };
    await more(5);
    expect((await documents.collection("readings").distinct("sensor")).sort()).toEqual([
      "sensor-1",
      "sensor-2",
      "sensor-3",
    ]);
    await crash("logistics-bridge-1");
    await docker("restart", name("mqtt"), name("documents"));
    const ending = new AbortController();
    const device = createMqttPublisher({
      ...clientOf(broker),
      clientId: "lab-test",
      log,
      signal: ending.signal,
    });
    const ts = new Date().toISOString();
    await device.publish("Image/5/gate", JSON.stringify({ id: "gate/1", ts, players: 4 }));
    await device.publish("Image/5/gate", "no JSON");
    await device.close();
    const isGate = ({ key }: KafkaMessage) => String(key) === "gate";
    const message = await findMessage(bootstrapServers.split(","), "Image", isGate, 120);
    expect(JSON.parse(String(message.value))).toEqual({ ts, sensor: "gate", value: 4, id: "gate/1" });
    const letter = await findMessage(bootstrapServers.split(","), "Image.dlq", () => true, 60);
    expect([String(letter.value), String(letter.headers.get("dlq-topic"))]).toEqual([
      "no JSON",
      "Image/5/gate",
    ]);
    await more(5);
    const [count, raw, ids] = await Promise.all([
      documents.collection("readings").countDocuments({ sensor: "gate" }),
      documents.collection<RawDocument>("raw").countDocuments({ _id: "gate/1" }),
      documents.collection("readings").distinct("_id", { sensor: "gate" }),
    ]);
    expect([count, raw, ids]).toEqual([1, 1, ["gate/1"]]);
    await documents.close();
    await Promise.all(["mqtt", "documents", "logistics-bridge-1", "logistics-bridge-2"].map(healthy));
  });
});

describe("the grayscale pipeline", () => {
  it("makes a gray video of the file's length and number of frames on the host", async () => {
    const file = join(folder, "output", "output_video.avi");
    await eventually("output_video.avi", async () => (existsSync(file) ? true : undefined));
    const { streams, format } = await probe(file);
    // The sample: ten seconds, 30 frames a second.
    expect(streams[0]).toMatchObject({ avg_frame_rate: "30/1", nb_read_frames: "300" });
    expect(Number(format.duration)).toBeCloseTo(10, 2);
    const picture = join(folder, "frame.png");
    await execa("ffmpeg", ["-v", "error", "-ss", "5", "-i", file, "-frames:v", "1", picture]);
    const { channels } = await sharp(picture).stats();
    const [red, green, blue] = channels.map(({ mean }) => mean);
    expect(Math.abs((red ?? 0) - (green ?? 0))).toBeLessThan(2);
    expect(Math.abs((red ?? 0) - (blue ?? 0))).toBeLessThan(2);
    expect(channels[0]?.stdev).toBeGreaterThan(20);
    expect(readdirSync(join(folder, "output"))).toContain("output_video.avi");
  });

  it("leaves nothing of the stack behind, but the video is the user's", async () => {
    await lab.destroy();
    for (const { kind, ids } of await lab.leftovers()) expect(ids, kind).toEqual([]);
    expect(existsSync(join(folder, "output", "output_video.avi"))).toBe(true);
  });
});
