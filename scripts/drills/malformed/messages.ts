import type { ExactMessage } from "../../../apps/common/kafka-message.ts";
import type { Random } from "../../../apps/common/random.ts";
import { fillIn, type Probe, probeValue } from "../../../lib/probe.ts";
import { type Good, headerKinds, type Kind, valueKinds } from "./kinds.ts";

export interface Malformed {
  readonly kind: string;
  readonly message: ExactMessage;
}

/** Says in a header which message it is, where the kind leaves it its headers. */
const idHeader = "drill-id";

/** The kinds for a topic: those of headers are for topics whose good messages need theirs. */
export function kindsOf(probe: Probe | undefined): ReadonlyMap<string, Kind> {
  return new Map(Object.entries(needsHeaders(probe) ? { ...valueKinds, ...headerKinds } : valueKinds));
}

function needsHeaders(probe: Probe | undefined): probe is Probe {
  return Object.keys(probe?.headers ?? {}).length > 0;
}

/** Malformed messages for a topic, each kind as often as the others, in random order. */
export function malformed(
  { topic, probe, run, count }: { topic: string; probe: Probe | undefined; run: string; count: number },
  random: Random,
): Malformed[] {
  const kinds = [...kindsOf(probe)];
  const order = random.shuffle(
    Array.from({ length: count }, (_, i) => kinds[i % kinds.length]).filter((one) => one !== undefined),
  );
  return order.map(([kind, make], number) => {
    const id = `${run}.${number}`;
    const { value, headers, keyless = false } = make(goodOf(probe, `${run}-bad`, number), random);
    return {
      kind,
      message: {
        topic,
        key: keyless ? undefined : Buffer.from(id),
        value,
        headers: keyless ? [...headers, [Buffer.from(idHeader), Buffer.from(id)]] : headers,
      },
    };
  });
}

/** Which malformed message of a run a dead letter is of: its number, or undefined for another letter. */
export function malformedNumber(
  run: string,
  { key, headers }: { readonly key: Buffer | undefined; readonly headers: ReadonlyMap<string, Buffer> },
): number | undefined {
  const id = (key ?? headers.get(idHeader))?.toString() ?? "";
  return id.startsWith(`${run}.`) ? Number(id.slice(run.length + 1)) : undefined;
}

function goodOf(probe: Probe | undefined, run: string, number: number): Good {
  if (!needsHeaders(probe)) return { value: Buffer.from("{}"), headers: [] };
  const values = { run, seq: number, lane: 0, us: Date.now() * 1000 };
  return {
    value: probeValue(probe, values),
    headers: Object.entries(probe.headers).map(([name, template]) => {
      const text = fillIn(template, values);
      if (/^\{(seq|lane|us)\}$/.test(template)) return { name, text, is: "number" };
      return template.includes("{run}") ? { name, text, is: "name" } : { name, text };
    }),
  };
}
