import type { Stage, Stages } from "../../apps/classification/classifier/stages.ts";
import type { Latencies, RunSettings } from "../../apps/classification/producer/latencies.ts";
import type { Sample } from "../../apps/classification/producer/matcher.ts";
import { openAdmin } from "../../apps/common/kafka-admin.ts";
import { waitFor } from "../../apps/common/retry.ts";
import type { LabEngine } from "../lab/access.ts";
import type { LabOutputs } from "../lab/queries.ts";
import { ToolchainError } from "../toolchain/errors.ts";
import { type AppClock, aheadUs } from "./clocks.ts";
import { MeasurementError } from "./errors.ts";
import { type EventLoopDelay, eventLoopDelay } from "./event-loop.ts";
import { Fates, type Interval } from "./fates.ts";
import { Follower } from "./follower.ts";
import { followLag, type LagSeries } from "./lag.ts";
import { type OnState, Phase, tickMs } from "./phase.ts";
import { onProducersClock } from "./stages.ts";
import type { Settling } from "./statistics/settled.ts";
import { type ContainerUse, readUsage, useBetween } from "./usage.ts";
import { WarmUp, warmUpWindowMs } from "./warm-up.ts";

export interface MeasureTask {
  readonly engines: readonly LabEngine[];
  /** The host of a service; undefined where the lab is on the machine that measures. */
  hostOf(service: string): string | undefined;
  readonly stack: string;
  readonly outputs: LabOutputs;
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly signal: AbortSignal;
  /** Told what is going on, several times a second. */
  readonly onState: OnState;
}

/** What one producer did in the window. */
export interface ProducerWindow {
  readonly producer: string;
  readonly settings: RunSettings;
  /** By this producer's clock. */
  readonly interval: Interval;
  /** The fate of every image due in it, in order. */
  readonly images: readonly Sample[];
  /** Results read during it, of whichever images. */
  readonly received: number;
}

/** One measured window. */
export interface Measured {
  readonly startedAt: Date;
  readonly seconds: number;
  readonly warmUp: { readonly seconds: number; readonly settling: Settling | undefined };
  readonly drainSeconds: number;
  readonly producers: readonly ProducerWindow[];
  /** By the id of the image. */
  readonly stages: ReadonlyMap<string, Stage>;
  readonly models: readonly string[];
  readonly lag: readonly LagSeries[];
  readonly use: readonly ContainerUse[];
  readonly eventLoops: readonly EventLoopDelay[];
  /** Of producers and classifiers, as they were at the end. */
  readonly clocks: readonly AppClock[];
}

const flowTimeoutMs = 120_000;
/** Beyond the times that the producer itself allows, for polling and for what a stall delays. */
const drainSlackMs = 15_000;

interface Watched {
  readonly url: string;
  readonly follower: Follower<Latencies>;
  readonly fates: Fates;
  last: Latencies | undefined;
}

/**
 * Measures one window on a running lab: waits until every producer's images come back, warms up until successive
 * windows agree (or `warmupSeconds` are over), measures for `seconds` and then waits for the fate of every image that
 * was due in the window, while the load goes on.
 *
 * @throws MeasurementError when the window is not what it should be; the signal's reason when aborted
 */
export async function measure(task: MeasureTask): Promise<Measured> {
  const { outputs, engines, signal } = task;
  const ending = new AbortController();
  const stop = AbortSignal.any([signal, ending.signal]);
  const stages = new Map<string, Stage>();
  const models = new Set<string>();
  let phase = new Phase("starting", task.onState);
  let warmUp: WarmUp | undefined;

  const watched = outputs.producerUrls.map((url): Watched => {
    const fates = new Fates();
    const onPage = (page: Latencies) => {
      one.last = page;
      fates.add(page.samples);
      warmUp?.add(page.samples);
      phase.add(page.samples);
    };
    const follower = new Follower<Latencies>({ url: `${url}/latencies`, onPage, onRestart: "fail" });
    const one: Watched = { url, follower, fates, last: undefined };
    return one;
  });
  const clockOf = (app: string, { clock }: Follower<Latencies> | Follower<Stages>): AppClock => ({
    ...clock,
    app: `classification-${app}`,
    host: task.hostOf(`classification-${app}`),
  });
  const producerClocks = () =>
    watched.flatMap(({ last, follower }) => (last === undefined ? [] : [clockOf(last.producer, follower)]));
  const classifiers = outputs.classifierUrls.map((url) => {
    const onPage = (page: Stages) => {
      if (page.model !== null) models.add(page.model);
      const own = clockOf(page.classifier, follower);
      const producers = new Map(producerClocks().map((clock) => [clock.app, clock]));
      for (const stage of page.stages) {
        const producer = producers.get(`classification-${producerOf(stage.id)}`);
        // Of a producer that has not answered yet no image is measured either.
        if (producer !== undefined) stages.set(stage.id, onProducersClock(stage, aheadUs(own, producer)));
      }
    };
    const follower = new Follower<Stages>({ url: `${url}/stages`, onPage, onRestart: "follow" });
    return follower;
  });
  const admin = await openAdmin({
    bootstrapServers: outputs.bootstrapServers.split(","),
    clientId: "edgelab-cdf",
  });
  const apps = [
    ...outputs.producerUrls.map((url, i) => [`producer-${i + 1}`, url] as const),
    ...outputs.classifierUrls.map((url, i) => [`classifier-${i + 1}`, url] as const),
  ];
  const readLoops = () => Promise.all(apps.map(([app, url]) => eventLoopDelay(app, url)));

  const followers = [...watched.map(({ follower }) => follower), ...classifiers];
  let reading: Promise<unknown> = Promise.resolve();
  const body = async (): Promise<Measured> => {
    await flowing(watched, phase, stop);
    const settings = watched.map(({ last }) => last?.settings ?? missingSettings());
    const rate = settings.reduce((sum, { perSecond }) => sum + perSecond, 0);

    phase = new Phase("warming up", task.onState);
    warmUp = new WarmUp(warmUpWindowMs(rate), performance.now());
    let settling: Settling | undefined;
    while (!settling?.settled && phase.elapsedMs < task.warmupSeconds * 1000) {
      await phase.tick(stop);
      settling = warmUp.check(performance.now());
    }
    const warmUpSeconds = phase.elapsedMs / 1000;
    warmUp = undefined;

    // Reading the delays resets them, so that the next reading is of the window alone.
    const [before] = await Promise.all([readUsage(engines), readLoops()]);
    phase = new Phase("measuring", task.onState);
    const startedAt = new Date();
    const intervals = watched.map(({ follower: { nowUs } }) => {
      return { startUs: nowUs, endUs: nowUs + task.seconds * 1e6 };
    });
    const watching = new AbortController();
    const lagging = followLag(admin, AbortSignal.any([stop, watching.signal]));
    reading = lagging;
    while (phase.elapsedMs < task.seconds * 1000) await phase.tick(stop);
    const [after, eventLoops] = await Promise.all([readUsage(engines), readLoops()]);
    watching.abort();
    const lag = await lagging;

    phase = phase.become("draining");
    await drained(watched, intervals, phase, stop);
    await Promise.all(classifiers.map((follower) => follower.poll()));
    return {
      startedAt,
      seconds: task.seconds,
      warmUp: { seconds: warmUpSeconds, settling },
      drainSeconds: phase.elapsedMs / 1000,
      producers: watched.map(({ fates, last }, i) => {
        const interval = intervals[i] ?? { startUs: 0, endUs: 0 };
        return {
          producer: last?.producer ?? "",
          settings: settings[i] ?? missingSettings(),
          interval,
          images: fates.within(interval),
          received: fates.receivedWithin(interval),
        };
      }),
      stages,
      models: [...models],
      lag,
      use: useBetween(before, after),
      eventLoops,
      clocks: [
        ...producerClocks(),
        ...classifiers.map((follower, index) => clockOf(`classifier-${index + 1}`, follower)),
      ],
    };
  };

  try {
    await Promise.all(followers.map((follower) => follower.begin()));
    // Whichever fails first ends it: a follower that has lost items makes the whole window worthless.
    const failed = Promise.race(followers.map((follower) => follower.follow(stop).then(() => never)));
    return await Promise.race([body(), failed]);
  } finally {
    ending.abort();
    // A request under way when the admin closes would open its connection anew and keep the process alive.
    await reading;
    await admin.close();
  }
}

const never = new Promise<never>(() => {});

function missingSettings(): never {
  throw new MeasurementError(
    "a producer's /latencies has no settings; deploy this checkout's images: ./scripts/up",
  );
}

/** In time or not: where more is asked than a lab can do, every result may be late, and that is to be shown. */
const isBack = ({ receivedUs }: Sample): boolean => receivedUs !== null;

async function flowing(watched: readonly Watched[], phase: Phase, signal: AbortSignal): Promise<void> {
  const returned = async () => {
    phase.show();
    return watched.every(({ last }) => last?.samples.some(isBack)) ? true : undefined;
  };
  const wait = { timeoutMs: flowTimeoutMs, everyMs: tickMs, signal };
  await waitFor("results", returned, wait).catch((error: unknown) => {
    if (signal.aborted) throw error;
    const silent = watched.filter(({ last }) => !last?.samples.some(isBack)).map(({ url }) => url);
    throw new ToolchainError(
      `no image has come back within ${flowTimeoutMs / 1000} s at ${silent.join(", ")}`,
      "./scripts/up   # which says what is stuck and shows its log",
    );
  });
}

/** Ids of images start with their producer's name. */
function producerOf(id: string): string {
  return id.split(".")[0] ?? "";
}

/** Waits for the fate of every image of the window. */
async function drained(
  watched: readonly Watched[],
  intervals: readonly Interval[],
  phase: Phase,
  signal: AbortSignal,
): Promise<void> {
  const timeouts = watched.map(({ last }) => last?.settings?.resultTimeoutMs ?? 0);
  // An image can be sent as late as its result may be, and then wait as long for it.
  const limitMs = 2 * Math.max(...timeouts) + drainSlackMs;
  const missing = () =>
    watched.map(({ fates }, i) => fates.missing(intervals[i] ?? { startUs: 0, endUs: 0 }));
  while (missing().some((count) => count !== 0)) {
    if (phase.elapsedMs > limitMs) {
      throw new MeasurementError(
        `${Math.round(limitMs / 1000)} s after the window the producers have not told the fate of all its images ` +
          `(missing of each: ${missing().join(", ")}); look into their logs and measure again`,
      );
    }
    await phase.tick(signal);
  }
}
