import { renderTable } from "../../lib/table.ts";
import { stageNames } from "./stages.ts";
import { type CountSummary, hasRandomWeights, type Summary, type Value } from "./summary.ts";
import { blocksIn } from "./windows.ts";

type Rows = readonly (readonly string[])[];
interface Table {
  readonly header: readonly string[];
  readonly rows: Rows;
}

/** The percentiles and rates of every producer count. */
export function latencyTable({ counts }: Summary): Table {
  const percentiles = counts[0]?.percentiles.map(({ p }) => p) ?? [];
  return {
    header: [
      "producers",
      "n",
      "asked/s",
      "reached/s",
      ...percentiles.map(percentName),
      "max",
      "never arrived",
    ],
    rows: counts.map((count) => [
      `${count.producers}${count.overloaded ? " OVERLOADED" : ""}`,
      String(count.n),
      count.askedPerSecond.toFixed(1),
      count.reachedPerSecond.toFixed(1),
      ...count.percentiles.map(({ ms, lowMs, highMs }) => withInterval(ms, lowMs, highMs)),
      show(count.maxMs),
      neverArrived(count),
    ]),
  };
}

/** What the run prints at its end. */
export function summaryForTerminal(summary: Summary): string {
  const { header, rows } = latencyTable(summary);
  const table = renderTable(header, rows);
  return [
    table,
    "latencies in ms with their 95 % confidence intervals; – = the sample is too small",
    ...warnings(summary),
  ].join("\n");
}

/** What a reader must know before looking at any curve. */
export function warnings({ counts, windows, models, interrupted }: Summary): string[] {
  const overloaded = counts.filter((count) => count.overloaded).map(overloadSentence);
  const unsettled = windows
    .filter(({ settled }) => !settled)
    .map(
      ({ producers, repeat, warmUpSeconds }) =>
        `The warm-up of ${named(producers)} (repeat ${repeat}) was cut off after ${warmUpSeconds.toFixed(0)} s: ` +
        "successive windows did not agree, so the latency was still changing.",
    );
  const random = models
    .filter(hasRandomWeights)
    .map(
      (model) =>
        `The model ${model} has random weights: load and latency are real, its answers mean nothing.`,
    );
  const cut = interrupted === null ? [] : [`The run is not complete: ${interrupted}.`];
  return [...cut, ...overloaded, ...unsettled, ...random];
}

function overloadSentence({ producers, askedPerSecond, reachedPerSecond, signs }: CountSummary): string {
  return (
    `OVERLOADED with ${named(producers)}: asked ${askedPerSecond.toFixed(1)} images/s, ` +
    `reached ${reachedPerSecond.toFixed(1)}; ${signs.join("; ")}. ` +
    "The latencies depend on how long the run lasted and are no property of the pipeline."
  );
}

/** `summary.md`. */
export function summaryMarkdown(summary: Summary): string {
  const { options, host, versions, kafka, counts, windows, rescales, models } = summary;
  const warned = warnings(summary);
  const latency = latencyTable(summary);
  return [
    "# End-to-end latency of the classification pipeline",
    "",
    ...(warned.length === 0 ? [] : [...warned.map((text) => `> **${text}**\n>`), ""]),
    "![CDF of the end-to-end latency](cdf.png)",
    "",
    markdownTable(latency),
    "",
    "Latency in ms, from the intended sending of an image to the reading of its result by the same producer, with 95 % " +
      `confidence intervals (bootstrap over ${options.repeats > 1 ? `${options.repeats} repeats and their ` : "the "}` +
      `${blocksIn(options.seconds)} time blocks of a window). An image that never arrived (lost, late, failed or ` +
      "skipped) counts as infinitely late. – means that the sample is too small for the percentile.",
    "",
    "## Where the time goes",
    "",
    "![Mean time by stage](stages.png)",
    "",
    markdownTable({
      header: ["producers", ...stageNames.map((name) => `${name}, ms`), "images", "of them put in order"],
      rows: counts.map(({ producers, stages }) => [
        String(producers),
        ...stageNames.map((name) => stages?.meanMs[name].toFixed(2) ?? "–"),
        String(stages?.n ?? 0),
        String(stages?.clamped ?? 0),
      ]),
    }),
    "",
    "Means; they add up to the mean latency of the images that arrived. An acknowledgement that comes after the image " +
      "was picked up is not on its way, so `image to Kafka` ends at the earlier of the two. What the clocks of producer and " +
      "classifier contradict (taken up before it was sent, answered after its answer was read) is put in order, with 0 " +
      "for the stage in question.",
    "",
    "## Windows, in the order in which they were measured",
    "",
    markdownTable({
      header: [
        "producers",
        "repeat",
        "started",
        "warm-up",
        "drain",
        "offered/s",
        "reached/s",
        "classifier lag first / max / last",
      ],
      rows: windows.map(
        ({ producers, repeat, startedAt, warmUpSeconds, settled, drainSeconds, load, lag: [lag] }) => [
          String(producers),
          String(repeat),
          startedAt,
          `${warmUpSeconds.toFixed(1)} s${settled ? "" : ", cut off"}`,
          `${drainSeconds.toFixed(1)} s`,
          load.offeredPerSecond.toFixed(1),
          load.reachedPerSecond.toFixed(1),
          lag === undefined ? "–" : `${lag.first} / ${lag.max} / ${lag.last}`,
        ],
      ),
    }),
    "",
    "## Rescaling",
    "",
    rescales.length === 0
      ? "The number of producers was not changed."
      : markdownTable({
          header: ["producers", "pulumi up", "touched", "besides producers"],
          rows: rescales.map(({ from, to, upSeconds, touched, others }) => [
            `${from} → ${to}`,
            `${upSeconds.toFixed(1)} s`,
            touched.join(", "),
            others.length === 0 ? "nothing" : others.join(", "),
          ]),
        }),
    "",
    "## Containers",
    "",
    ...windows.flatMap(({ producers, repeat, containers }) => [
      `With ${named(producers)}, repeat ${repeat}${containers.length === 0 ? ": Docker had no figures." : ":"}`,
      "",
      markdownTable({
        header: ["container", "cores", "held back by its limit", "memory, MiB"],
        rows: containers.map(({ name, cores, throttled, restarted, memoryMB }) => [
          restarted ? `${name} (RESTARTED during the window)` : name,
          cores.toFixed(3),
          throttled === 0 ? "–" : `${(throttled * 100).toFixed(1)} %`,
          memoryMB.toFixed(0),
        ]),
      }),
      "",
    ]),
    "## Event loops",
    "",
    markdownTable({
      header: ["producers", "repeat", "app", "mean ms", "p99 ms", "max ms"],
      rows: windows.flatMap(({ producers, repeat, eventLoops }) =>
        eventLoops.map(({ app, meanMs, p99Ms, maxMs }) => [
          String(producers),
          String(repeat),
          app,
          ...[meanMs, p99Ms, maxMs].map((ms) => ms.toFixed(1)),
        ]),
      ),
    }),
    "",
    "How late timers were that are due every 100 ms.",
    "",
    "## How it was measured",
    "",
    markdownTable({
      header: ["", ""],
      rows: [
        ["began, ended", `${summary.startedAt}, ${summary.endedAt}`],
        [
          "windows",
          `${options.seconds} s, ${options.repeats} for each of ${options.producers.join(", ")} producers, in random order (seed ${options.seed})`,
        ],
        [
          "arrivals",
          [...new Set(windows.flatMap(({ settings }) => settings.map(({ arrivals }) => arrivals)))].join(
            ", ",
          ),
        ],
        [
          "rate of a producer",
          [
            ...new Set(windows.flatMap(({ settings }) => settings.map(({ perSecond }) => `${perSecond}/s`))),
          ].join(", "),
        ],
        ["model", models.join(", ")],
        ["image, result", `${sizeText(counts, "image")}, ${sizeText(counts, "result")}`],
        ["clocks", summary.clocks],
        [
          "hosts of the lab",
          summary.hosts
            .map(({ name, address, roles }) => `${name} (${address}): ${roles.join(", ")}`)
            .join("; "),
        ],
        [
          "Kafka",
          `${kafka.brokers} brokers, ${kafka.partitions} partitions, replication ${kafka.replication}, min.insync.replicas ${kafka.minInsync}`,
        ],
        [
          "clients",
          `acks=${kafka.acks}, idempotent ${kafka.idempotent}, linger ${kafka.lingerMs} ms, fetch wait ${kafka.fetchMaxWaitMs} ms at most, ${kafka.security}`,
        ],
        [
          "measured from",
          `${host.name}: ${host.cores} × ${host.cpu}, ${host.memoryGB} GB, Linux ${host.kernel}`,
        ],
        [
          "versions",
          Object.entries(versions)
            .map(([name, version]) => `${name} ${version}`)
            .join(", "),
        ],
        [
          "stack config",
          Object.entries(summary.config)
            .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
            .join(", "),
        ],
      ],
    }),
    "",
  ].join("\n");
}

function sizeText(counts: readonly CountSummary[], which: "image" | "result"): string {
  const [first] = counts.flatMap((count) => count[which] ?? []);
  if (first === undefined) return `no ${which}`;
  return `${which} ${first.meanBytes.toFixed(0)} bytes (${first.minBytes} to ${first.maxBytes})`;
}

function neverArrived({ n, received, never, loss }: CountSummary): string {
  if (n === received) return "0";
  const parts = Object.entries(never).filter(([, images]) => images > 0);
  return `${n - received} (${(loss * 100).toFixed(2)} %: ${parts.map(([what, images]) => `${images} ${what}`).join(", ")})`;
}

function withInterval(ms: Value, low: Value, high: Value): string {
  return ms === null ? "–" : `${show(ms)} [${show(low)}, ${show(high)}]`;
}

/** Milliseconds with three significant digits. */
function show(ms: Value): string {
  if (ms === null) return "–";
  return ms === "never" ? "never" : Number(ms.toPrecision(3)).toString();
}

/** `p50`, `p99.9`. */
export function percentName(p: number): string {
  return `p${Number((p * 100).toPrecision(5))}`;
}

function named(producers: number): string {
  return producers === 1 ? "1 producer" : `${producers} producers`;
}

function markdownTable({ header, rows }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(header), `|${header.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}
