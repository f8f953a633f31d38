import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { labSchema, parseConfig, pipelines, planLab } from "../pipelines/all.ts";
import { GB, totalBytes } from "../plan/topics.ts";
import { ConfigError, type Problem } from "./config.ts";

const { keys, groupNames } = labSchema;

/** What `pulumi config` stores: keys as they are, and the objects that `--path` makes. */
interface Stored {
  readonly flat: ReadonlyMap<string, string>;
  readonly path: ReadonlyMap<string, string>;
  /** Keys whose values Pulumi keeps encrypted. */
  readonly secret?: ReadonlySet<string>;
}

/** What Pulumi hands to the program: defaults of dotted keys are merged into the object of their group. */
function handedOver({ flat, path }: Stored): Record<string, string> {
  const raw: Record<string, string> = Object.fromEntries(flat);
  const merged = new Map([...keys].map(([key, info]) => [key, info.default]));
  for (const [key, value] of path) merged.set(key, value);
  for (const [key, value] of merged) {
    if (!key.includes(".") && !flat.has(key)) raw[key] = value;
  }
  for (const group of groupNames) {
    const members = [...merged].filter(([key]) => key.startsWith(`${group}.`));
    raw[group] = JSON.stringify(
      Object.fromEntries(members.map(([key, value]) => [key.slice(group.length + 1), value])),
    );
  }
  return raw;
}

function carriedOut(stored: Stored, command: string): Stored {
  const match = /^\.\/scripts\/pulumi config (set|rm) (--path )?(--secret )?(\S+)(?: (\S+))?$/.exec(command);
  if (match === null) throw new Error(`not a command that pulumi would take: ${command}`);
  const [, verb, form, secret, key = "", value = ""] = match;
  // The value is asked for, and the same is given.
  if (secret !== undefined) return { ...stored, secret: new Set([...(stored.secret ?? []), key]) };
  const flat = new Map(stored.flat);
  const path = new Map(stored.path);
  const store = form === undefined ? flat : path;
  if (verb === "rm") store.delete(key);
  else store.set(key, value.replace(/^''$/, ""));
  return { ...stored, flat, path };
}

function problemsOf(stored: Stored): readonly Problem[] {
  try {
    parseConfig(handedOver(stored), { secretKeys: stored.secret ?? new Set() });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const values = fc.oneof(
  fc.integer({ min: -10, max: 70 }).map(String),
  fc.integer({ min: 0, max: 70_000 }).map(String),
  fc.integer({ min: 8490, max: 8510 }).map(String),
  fc.integer({ min: 70_000, max: 1_048_576 }).map(String),
  fc.constantFrom(
    "true",
    "false",
    "abc",
    "10.1.2.3/24",
    "172.16.0.0/12",
    "192.168.5.0/28",
    "8.8.8.8/24",
    "a_b",
    "A b",
  ),
);
const names = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...keys.keys()) },
  { weight: 1, arbitrary: fc.constantFrom("brokers", "kafka.broker", "nosuch") },
);
const scattered = fc.array(fc.tuple(names, values), { maxLength: 12 });
/** Several keys of one group together, and the limits that they meet. */
const together = fc
  .constantFrom(...pipelines.map(({ name }) => name), "kafka", "openstack")
  .chain((group) => {
    const own = [...keys.keys()].filter((key) => key.startsWith(`${group}.`));
    const entry = fc.constantFrom(...own, "kafka.maxMessageKB", "kafka.segmentMB", "disk.budgetGB");
    return fc.array(fc.tuple(entry, values), { minLength: 2, maxLength: 8 });
  });
const enabled = fc.subarray(pipelines.map(({ name }): [string, string] => [`${name}.enabled`, "true"]));
const settings = fc
  .tuple(fc.oneof(scattered, together), fc.oneof(fc.constant([]), enabled))
  .map(([entries, on]): ReadonlyMap<string, string> => new Map([...entries, ...on]));
const dotted = (entries: ReadonlyMap<string, string>) =>
  new Map([...entries].filter(([key]) => key.includes(".")));
const anything = fc.record({ flat: settings, path: settings.map(dotted) });

describe("any config", () => {
  it("that parses keeps every promise that the lab is built on", () => {
    fc.assert(
      fc.property(anything, (stored) => {
        // Mended first: hardly any config at random parses as it is.
        const mended = followed(followed(stored));
        const config = parseConfig(handedOver(mended), { secretKeys: mended.secret ?? new Set() });
        const plan = planLab(config);
        const ports = plan.ports.map(({ port }) => port);
        expect(new Set(ports).size).toBe(ports.length);
        expect(ports.every((port) => port >= 1 && port <= 65_535)).toBe(true);
        expect(config.kafka.replication).toBeLessThanOrEqual(config.kafka.brokers);
        expect(config.kafka.minInsync).toBeLessThanOrEqual(config.kafka.replication);
        expect(config.kafka.memoryMB).toBeGreaterThanOrEqual(config.kafka.heapMB * 1.5);
        if (config.classification.enabled)
          expect(config.classification.classifiers).toBeLessThanOrEqual(config.classification.partitions);
        expect(totalBytes(plan.topics)).toBeLessThanOrEqual(config.disk.budgetGB * GB);
        for (const topic of plan.topics) {
          expect(topic.segmentBytes).toBeLessThanOrEqual(config.kafka.segmentMB * 1024 * 1024);
          expect(topic.maxMessageBytes).toBeLessThanOrEqual(config.kafka.maxMessageKB * 1024);
          expect(topic.maxMessageBytes).toBeLessThanOrEqual(topic.segmentBytes);
          expect(topic.segmentBytes * 2).toBeLessThanOrEqual(topic.retentionBytes);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("is mended by the recommended commands, all followed at once", () => {
    fc.assert(
      fc.property(anything, (stored) => {
        const first = problemsOf(stored);
        const left = problemsOf(followed(stored));
        // A key that was set twice has one of its values looked at only when the other is gone.
        const twice = first.some(({ text }) => text.includes("is set twice"));
        if (!twice) expect(left.map(({ text }) => text)).toEqual([]);
        expect(problemsOf(followed(followed(stored)))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("loses a mistake by any one of the commands that are said to mend it", () => {
    fc.assert(
      fc.property(anything, (stored) => {
        for (const problem of problemsOf(stored)) {
          for (const command of problem.commands) {
            const texts = problemsOf(carriedOut(stored, command)).map(({ text }) => text);
            expect(texts).not.toContain(problem.text);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** After the first command of every problem. */
function followed(stored: Stored): Stored {
  return problemsOf(stored).reduce((state, { commands }) => carriedOut(state, commands[0] ?? ""), stored);
}
