import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BuildRecord, marksOf, ownRecords } from "./build-records.ts";

const dockerfile = `ARG BASE
FROM $BASE
RUN apt-get update \\
 # why
 && groupadd --gid 10001 edgelab
RUN apt-get update
COPY --chown=10001:10001 apps/common apps/common
WORKDIR /app
`;
const user = "apt-get update && groupadd --gid 10001 edgelab";
const copy = "COPY --chown=10001:10001 apps/common apps/common";
const marks = new Set(marksOf(dockerfile));

const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();

/** A record that was made and let go of at these times, in ms. */
function record(
  ID: string,
  Parent: string,
  Description: string,
  [made, end]: readonly [number, number],
): BuildRecord {
  return {
    ID,
    Parent,
    Description,
    InUse: false,
    Shared: false,
    Size: 1,
    CreatedAt: at(made),
    LastUsedAt: at(end),
  };
}

const ids = (records: readonly BuildRecord[], bases: readonly string[] = []) =>
  ownRecords(records, { marks, bases: new Set(bases) }).map(({ ID }) => ID);

const run = (command: string) => `mount / from exec /bin/sh -c ${command}`;

/** As an engine of 20.10 has one build of ours upon Debian's layer, and one of somebody else's an hour later. */
const old = [
  record("debian", "", "from local ", [0, 3_700_000]),
  record("users", "debian", run("apt-get update  && groupadd --gid 10001 edgelab"), [10_000, 20_001]),
  record("files", "users", "fileop target", [15_000, 20_002]),
  record("upload", "", "http url http://build-context-1", [1_000, 20_010]),
  record("context", "", "fileop target", [2_000, 20_005]),
  record("their-run", "debian", run("apt-get update"), [3_610_000, 3_620_001]),
  record("their-files", "their-run", "fileop target", [3_615_000, 3_620_002]),
  record("their-upload", "", "http url http://build-context-2", [3_601_000, 3_620_010]),
  record("their-context", "", "fileop target", [3_602_000, 3_620_005]),
];

describe("marksOf", () => {
  it("takes the steps that tell of the lab, as BuildKit describes them", () => {
    expect([...marks]).toEqual([`RUN ${user}`, user, copy]);
  });
});

describe("ownRecords", () => {
  it("takes the lab's layers and what they were made from, children first, and nothing of another build", () => {
    expect(ids(old)).toEqual(["files", "users", "upload", "context"]);
  });

  it("knows layers of current engines by their step", () => {
    const records = [
      record("base", "", "pulled from docker.io/library/debian:trixie-slim", [0, 9]),
      record("node", "base", "from local ", [0, 9]),
      record("copy", "node", `[2/5] ${copy}`, [1, 9]),
      record("theirs", "base", "[2/5] COPY apps/common apps/common", [1, 9]),
      record("alike", "base", "[stage-1 2/5] RUN apt-get update", [1, 9]),
      { ...record("merge", "", "[3/5] COPY x y", [2, 9]), Parents: ["copy", "base"] },
    ];
    expect(ids(records)).toEqual(["merge", "copy", "node"]);
  });

  it("takes a base that was made here with all upon it, and no other lowest layer", () => {
    expect(ids(old, ["debian"])).toEqual([
      "files",
      "their-files",
      "users",
      "their-run",
      "debian",
      ...["upload", "their-upload", "context", "their-context"],
    ]);
    expect(ids(old.slice(5), ["debian"])).toEqual([]);
  });

  it("leaves what was sent while another build ran too", () => {
    const meanwhile = record("meanwhile", "debian", run("make"), [12_000, 19_000]);
    expect(ids([...old, meanwhile])).toEqual(["files", "users"]);
    const cached = record("cached", "debian", run("make"), [-5_000, 19_000]);
    expect(ids([...old, cached])).toEqual(["files", "users"]);
  });

  it("leaves what is in use, by a build or as an image's layer", () => {
    const used = old.map((each) => ({ ...each, InUse: each.ID === "files", Shared: each.ID === "users" }));
    expect(ids(used)).toEqual(["upload", "context"]);
  });

  it("never takes a layer that is neither ours nor upon or below one of ours, whatever the cache looks like", () => {
    const forest = fc.array(
      fc.record({ parent: fc.nat(), ours: fc.boolean(), made: fc.nat(500), took: fc.nat(500) }),
      {
        maxLength: 25,
      },
    );
    fc.assert(
      fc.property(forest, (trees) => {
        const records = trees.map(({ parent, ours, made, took }, index) =>
          // Every third is a lowest layer; the others are made upon an earlier one.
          record(`${index}`, index % 3 === 0 ? "" : `${parent % index}`, ours ? run(user) : run("make"), [
            made,
            made + took,
          ]),
        );
        const parent = new Map(records.map(({ ID, Parent }) => [ID, Parent]));
        const line = (id: string): string[] => (id === "" ? [] : [id, ...line(parent.get(id) ?? "")]);
        const isOurs = new Set(
          records.filter(({ Description }) => Description === run(user)).map(({ ID }) => ID),
        );
        const lineOfOurs = new Set([...isOurs].flatMap(line));
        for (const id of ids(records)) {
          const known = line(id).some((each) => lineOfOurs.has(each) && parent.get(each) !== "");
          expect(known || isOurs.has(id)).toBe(true);
        }
      }),
    );
  });
});
