import { runApp } from "../../common/app.ts";
import { messageOf } from "../../common/errors.ts";
import { createProducer, type KafkaProducer } from "../../common/kafka.ts";
import { maxFrameMessageBytes } from "../../media/frame.ts";
import { Camera, maxInFlight } from "./camera.ts";
import { appHealth, type Patience } from "./camera-state.ts";
import { type CameraSpec, maxFrameBytes } from "./cameras.ts";
import { camerasRoute } from "./cameras-route.ts";
import { superviseCamera } from "./capture.ts";
import { videoProducerEnv } from "./env.ts";
import { LoopShare, loopMeter } from "./loop-share.ts";
import { terminalLine } from "./meter.ts";
import { parseSource } from "./sources/parse.ts";

/** How often rates are adapted and health is looked at, ms. */
const tickEveryMs = 500;
/** The part of their frame rates that cameras always get, however busy the process is. */
const leastShare = 1 / 30;
/** With a frame unacknowledged for this long, Kafka does not work, ms. */
const kafkaPatienceMs = 10_000;
/** Part of the grace period in which frames that were accepted are still sent; the rest is for closing. */
const drainPart = 0.8;
/** Time for what drained frames leave behind, such as the end of a file, ms. */
const closeMs = 50;

/** Mean time from capture to acknowledgement of all cameras' frames since the last call, ms; 0 without any. */
function meanLatencyMs(cameras: readonly Camera[]): number {
  const taken = cameras.map(({ sender }) => sender.takeLatencies());
  const count = taken.reduce((total, each) => total + each.count, 0);
  return count === 0 ? 0 : taken.reduce((total, { sumMs }) => total + sumMs, 0) / count;
}

await runApp({
  name: "video-producer",
  env: videoProducerEnv,
  healthParts: ["cameras", "kafka"],
  start: ({ env, log, metrics, health, http, shutdown }) => {
    const { signal } = shutdown;
    const run = `${env.PRODUCER_NAME}.${Math.round(performance.timeOrigin).toString(36)}`;
    // A slow camera is not a dead one: it has as long as its stall timeout, and the time to connect anew.
    const patience: Patience = { frameMs: 2 * env.STALL_TIMEOUT_MS, kafkaMs: kafkaPatienceMs };

    const clients: KafkaProducer[] = [];
    // What is unsent by then has had its time.
    shutdown.add("Kafka clients", () => Promise.all(clients.map((client) => client.close(closeMs))));

    /** A client of its own for each camera, so that a topic without a leader holds up its own frames only. */
    const clientOf = (spec: CameraSpec, onRetry: () => void) => {
      const largest = maxFrameMessageBytes(spec.format, maxFrameBytes(spec));
      const options = {
        bootstrapServers: env.KAFKA_BOOTSTRAP_SERVERS,
        clientId: `${env.PRODUCER_NAME}-${spec.name}`,
        maxRequestBytes: env.MAX_REQUEST_BYTES ?? largest,
        // What may be in flight always finds room.
        maxBufferedBytes: (maxInFlight + 1) * largest,
        log: log.child({ camera: spec.name }),
        onRetry,
      };
      const client = createProducer(options);
      clients.push(client);
      return client;
    };

    const stations = env.CAMERAS.map((spec) => {
      const source = parseSource(spec.source);
      const cameraLog = log.child({ camera: spec.name });
      const client = clientOf(spec, () => camera.meter.count("retries"));
      const camera: Camera = new Camera({
        spec,
        run,
        metrics,
        log: cameraLog,
        maxBufferedFrames: env.MAX_BUFFERED_FRAMES,
        rate: () => source.rate,
        send: (message) => client.send(message),
      });
      return { camera, source, log: cameraLog };
    });
    const cameras = stations.map(({ camera }) => camera);
    camerasRoute(http, run, cameras, patience);

    /** From the first frame to the last: of a file to its end, of a camera until the app ends. */
    const play = async ({ camera, source, log: cameraLog }: (typeof stations)[number]): Promise<void> => {
      const working = camera.work();
      const capturing = superviseCamera({
        name: camera.spec.name,
        source,
        stallTimeoutMs: env.STALL_TIMEOUT_MS,
        signal,
        log,
        onFrame: (frame) => camera.accept(frame),
        onEvent: (event) => camera.onEvent(event),
        onState: (state) => camera.onState(state),
      });
      const ended = await capturing.then(
        () => true,
        (err: unknown) => {
          // A file that breaks off ends this camera; the others go on. /healthz and /cameras tell.
          if (!signal.aborted) cameraLog.error({ err }, "the file cannot be played any further");
          camera.failed(messageOf(err));
          return false;
        },
      );
      camera.close();
      await working;
      if (!ended) return;
      await camera.end();
      cameraLog.info({ run, frames: camera.sender.handed }, "the file has been sent to its end");
    };

    const loop = new LoopShare(leastShare);
    const utilization = loopMeter();
    let tickedMs = performance.now();
    const tick = (): void => {
      const nowMs = performance.now();
      const share = loop.step({ utilization: utilization(), latencyMs: meanLatencyMs(cameras) });
      for (const camera of cameras) camera.tick(share, nowMs - tickedMs);
      tickedMs = nowMs;
      const facts = cameras.map((camera) => camera.facts());
      for (const [part, found] of Object.entries(appHealth(facts, patience))) {
        if (found === undefined) health.ok(part);
        else if (found.level === "warning") health.warn(part, found.reason);
        else health.fail(part, found.reason);
      }
    };

    const report = (): void => {
      for (const { camera, log: cameraLog } of stations) {
        const { camera: _name, ...line } = camera.report();
        cameraLog.info(line, "camera");
        if (process.stdout.isTTY)
          process.stdout.write(`${terminalLine({ camera: camera.spec.name, ...line })}\n`);
      }
    };

    /** Sends what was accepted, for as long as the grace period allows, and tells what was lost. */
    const drain = async (playing: Promise<unknown>): Promise<void> => {
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, env.SHUTDOWN_GRACE_MS * drainPart);
      await Promise.race([playing, late.promise]);
      clearTimeout(timer);
      for (const { camera, log: cameraLog } of stations) {
        const left = camera.abandon();
        const line = { run, frames: camera.sender.handed, totals: camera.meter.totals, ...left };
        if (left.unsent + left.unacknowledged === 0) cameraLog.info(line, "every accepted frame was sent");
        else cameraLog.error(line, "frames were lost at the end: Kafka did not take them in time");
      }
    };

    return async () => {
      const ticking = setInterval(tick, tickEveryMs);
      const reporting = setInterval(report, env.METRICS_EVERY_MS);
      log.info({ run, cameras: cameras.map(({ spec }) => spec.name) }, "capturing");
      const playing = Promise.all(stations.map(play));
      shutdown.add("frames", () => drain(playing.catch(() => undefined)));
      shutdown.add("timers", async () => {
        clearInterval(ticking);
        clearInterval(reporting);
      });
      await playing;
    };
  },
});
