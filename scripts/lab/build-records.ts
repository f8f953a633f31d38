import { z } from "zod";

/** A record of BuildKit's cache, as the engine's `GET /system/df` has it. */
export const buildRecord = z.object({
  ID: z.string(),
  /** What it was made upon. Engines before 23.0 name one; a record of several is a merge of them. */
  Parent: z.string().optional(),
  Parents: z.array(z.string()).nullish(),
  Description: z.string(),
  InUse: z.boolean(),
  /** Whether its layer is that of an image too. */
  Shared: z.boolean(),
  /** Bytes that it takes by itself. */
  Size: z.number(),
  CreatedAt: z.iso.datetime({ offset: true }),
  /** When it was let go of: at the end of the last build that used it. */
  LastUsedAt: z.iso.datetime({ offset: true }).nullish(),
});

export type BuildRecord = z.infer<typeof buildRecord>;

/** What is known of the lab's builds. */
export interface OwnBuilds {
  /** See {@link marksOf}, of all the lab's Dockerfiles. */
  readonly marks: ReadonlySet<string>;
  /** Ids of records that are the layer of a base image which was made on this machine, and of no other image. */
  readonly bases: ReadonlySet<string>;
}

/** The users that the lab's Dockerfiles make and give files to: in no other project's are these. */
const ours = /\b1000[1-3]\b|edgelab/;
/** The lead of a description: a step's place in the Dockerfile, or how a command's layer is mounted. */
const lead = /^(\[[^\]]*\] |mount \/ from exec \/bin\/sh -c )/;
const upload = /^http url http:\/\/build-context-/;
/** The contents of an upload. Before 23.0 every file operation is described like this. */
const unpacked = new Set(["copy /context /", "fileop target"]);
/** All that a build used is let go at its end, one after the other. */
const togetherMs = 50;

/** The steps of a Dockerfile by which its layers are known: those that tell of the lab, as records describe them. */
export function marksOf(dockerfile: string): string[] {
  const steps = dockerfile
    .replace(/^\s*#.*\n/gm, "")
    .replace(/\\\n/g, "")
    .split("\n")
    .map(plain);
  return steps
    .filter((step) => /^(RUN|COPY) /.test(step) && ours.test(step))
    .flatMap((step) => (step.startsWith("RUN ") ? [step, step.slice("RUN ".length)] : [step]));
}

/**
 * The records that the lab's builds have made, children before what they were made upon. Only what is theirs for
 * certain, so another project's builds find all of their own:
 *
 * - layers of a step that only the lab's Dockerfiles have, all upon these, and all below these but the lowest, which is
 *   Debian's and may be anybody's;
 * - layers upon a base image that was made on this machine, and its own;
 * - what the builds were sent: that is described alike for everybody, so it counts as the lab's where such layers, and
 *   nothing of another build, were made between its coming and the end of its build. No build ever finds it again, as
 *   its address was random.
 *
 * Left out are records in use, by a build or as the layer of an image that is still there.
 */
export function ownRecords(records: readonly BuildRecord[], { marks, bases }: OwnBuilds): BuildRecord[] {
  const byId = new Map(records.map((record) => [record.ID, record]));
  const above = (record: BuildRecord) => records.filter((other) => parentsOf(other).includes(record.ID));
  const below = (record: BuildRecord) =>
    parentsOf(record)
      .map((id) => byId.get(id))
      .filter((found) => found !== undefined);

  const marked = records.filter(({ Description }) => marks.has(plain(Description.replace(lead, ""))));
  const known = closure(marked, below);
  const sure = [...known].filter((record) => below(record).length > 0 || bases.has(record.ID));
  const layers = closure(sure, above);
  const sent = sentWith(
    records.filter((record) => !layers.has(record) && !known.has(record)),
    [...layers],
  );
  const free = ({ InUse, Shared }: BuildRecord) => !InUse && !Shared;
  const depth = (record: BuildRecord): number => 1 + Math.max(0, ...below(record).map(depth));
  return [...layers, ...sent].filter(free).sort((a, b) => depth(b) - depth(a));
}

/** What the builds that made these layers were sent, and its unpacked contents; nothing where another build ran too. */
function sentWith(others: readonly BuildRecord[], layers: readonly BuildRecord[]): BuildRecord[] {
  const isRoot = (record: BuildRecord) => parentsOf(record).length === 0;
  const uploads = others.filter((record) => isRoot(record) && upload.test(record.Description));
  const contents = others.filter((record) => isRoot(record) && unpacked.has(record.Description));
  const foreign = others.filter((record) => !uploads.includes(record) && !contents.includes(record));
  const own = uploads
    .filter((record) => layers.some((layer) => madeDuring(record, layer) || together(record, layer)))
    .filter((record) => !foreign.some((other) => madeDuring(record, other) || usedDuring(record, other)));
  return [...own, ...contents.filter((record) => own.some((sent) => together(record, sent)))];
}

const end = ({ CreatedAt, LastUsedAt }: BuildRecord) => Date.parse(LastUsedAt ?? CreatedAt);

function madeDuring(record: BuildRecord, { CreatedAt }: BuildRecord): boolean {
  const made = Date.parse(CreatedAt);
  return Date.parse(record.CreatedAt) <= made && made <= end(record);
}

function usedDuring(record: BuildRecord, other: BuildRecord): boolean {
  return Date.parse(record.CreatedAt) <= end(other) && end(other) <= end(record);
}

function together(one: BuildRecord, other: BuildRecord): boolean {
  return Math.abs(end(one) - end(other)) <= togetherMs;
}

function closure(
  start: readonly BuildRecord[],
  next: (record: BuildRecord) => BuildRecord[],
): Set<BuildRecord> {
  const reached = new Set(start);
  // A set gives those that are added meanwhile too.
  for (const record of reached) for (const further of next(record)) reached.add(further);
  return reached;
}

function parentsOf({ Parent, Parents }: BuildRecord): readonly string[] {
  return Parents ?? (Parent ? [Parent] : []);
}

function plain(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
