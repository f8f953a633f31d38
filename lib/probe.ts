import { z } from "zod";

/** Where the id of a message is: headers whose texts are joined by a full stop, or a field of its value in JSON. */
export const idPlaceSchema = z.union([
  z.strictObject({ headers: z.array(z.string()).min(1) }),
  z.strictObject({ field: z.string() }),
]);

/** Where what becomes of messages is found. */
export const probeEndSchema = z.discriminatedUnion("kind", [
  /** A topic that something is sent to for each. */
  z.strictObject({
    kind: z.literal("topic"),
    topic: z.string(),
    id: idPlaceSchema,
    /** Whether messages of one key come in the order in which they were sent. */
    ordered: z.boolean(),
  }),
  /** A table of the lab's PostgreSQL with a row for each. */
  z.strictObject({
    kind: z.literal("table"),
    table: z.string(),
    idColumn: z.string(),
    /** A timestamptz by the database's clock. */
    timeColumn: z.string(),
  }),
  /** Files of a service, one for each. */
  z.strictObject({
    kind: z.literal("files"),
    service: z.string(),
    /** A pattern of find's `-path`. */
    path: z.string(),
    /** A regular expression of the whole path; its group is the number of the message. */
    number: z.string(),
  }),
]);

/**
 * How a drill sends messages of its own through a pipeline, and where it finds them again. In its texts `{run}` stands
 * for the name of the drill's run, `{seq}` for the number of a message, `{lane}` for that number modulo the lanes,
 * `{us}` for now in µs since the epoch, and `{time}` for the same in ISO 8601. A message's id is `{run}.{seq}`.
 */
export const probeSchema = z.strictObject({
  topic: z.string(),
  /** Messages of one lane have one key. */
  key: z.string(),
  headers: z.record(z.string(), z.string()),
  /** What every message has, or a text with placeholders. */
  value: z.union([z.strictObject({ base64: z.string() }), z.strictObject({ text: z.string() })]),
  id: idPlaceSchema,
  ends: z.array(probeEndSchema),
});

export type IdPlace = z.infer<typeof idPlaceSchema>;
export type ProbeEnd = z.infer<typeof probeEndSchema>;
export type Probe = z.infer<typeof probeSchema>;

export interface ProbeValues {
  readonly run: string;
  readonly seq: number;
  readonly lane: number;
  readonly us: number;
}

/** A text of a probe with its placeholders filled in; those that `values` lacks stay. */
export function fillIn(text: string, values: Partial<ProbeValues>): string {
  const { us } = values;
  const time = us === undefined ? undefined : new Date(us / 1000).toISOString();
  const all: Readonly<Record<string, unknown>> = { ...values, time };
  return text.replaceAll(/\{(run|seq|lane|us|time)\}/g, (whole, name: string) => String(all[name] ?? whole));
}

/** The value of one message of a probe. */
export function probeValue({ value }: Pick<Probe, "value">, values: ProbeValues): Buffer {
  return "base64" in value ? Buffer.from(value.base64, "base64") : Buffer.from(fillIn(value.text, values));
}
