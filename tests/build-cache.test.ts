import { request } from "node:http";
import { text } from "node:stream/consumers";
import { pack } from "tar-stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildRecords, removeOwnRecords } from "../scripts/lab/build-cache.ts";
import { type BuildRecord, marksOf } from "../scripts/lab/build-records.ts";
import { docker } from "./support/lab.ts";

/**
 * What `./scripts/down --all` does to the build cache, on the real engine: two projects build upon the same base, and
 * only the lab's records go.
 */
const id = `cache-${process.pid}`;
const words = { ours: `edgelab ${id}`, theirs: `theirs ${id}` };
type Project = keyof typeof words;

let base: string;

/** Two steps whose layers tell whose they are, and one between them that does not. */
const steps = (project: Project) =>
  [`echo ${words[project]} >/${id}`, `echo ${words[project]} again >>/${id}`] as const;

function dockerfile(project: Project): string {
  const [first, second] = steps(project);
  return `FROM ${base}\nRUN ${first}\nCOPY ${project} /${id}-copy\nRUN ${second}\n`;
}

/** Builds as the official docker plugin does: by BuildKit, with the context as an archive. @returns what is new of it */
async function build(project: Project): Promise<BuildRecord[]> {
  const before = new Set((await buildRecords(process.env)).map(({ ID }) => ID));
  const archive = pack();
  archive.entry({ name: "Dockerfile" }, dockerfile(project));
  archive.entry({ name: project }, `${project} ${id}`);
  archive.finalize();
  const answer = await new Promise<string>((resolve, reject) => {
    const call = request(
      {
        socketPath: "/var/run/docker.sock",
        method: "POST",
        path: `/build?version=2&t=${tag(project)}`,
        headers: { host: "docker", "content-type": "application/x-tar" },
      },
      (response) => void text(response).then(resolve, reject),
    );
    call.once("error", reject);
    archive.pipe(call);
  });
  expect(answer).toContain(`Successfully tagged ${tag(project)}`);
  return (await buildRecords(process.env)).filter(({ ID }) => !before.has(ID));
}

const tag = (project: Project) => `${id}-${project}:1`;
/** Sorted: the engine lists them in no order. */
const idsOf = (records: readonly BuildRecord[]) => records.map(({ ID }) => ID).sort();
const commands = async (project: Project) =>
  (await buildRecords(process.env)).filter(({ Description }) =>
    Description.includes(`echo ${words[project]}`),
  );

const made = new Map<Project, BuildRecord[]>();

beforeAll(async () => {
  const tags = await docker("image", "ls", "edgelab/base", "--format", "{{.Repository}}:{{.Tag}}");
  base = tags.split("\n")[0] ?? "";
  if (base === "") throw new Error("there is no base image: run ./scripts/setup");
  // Before and after one another, as their uploads could not be told apart if they were sent at once.
  made.set("theirs", await build("theirs"));
  made.set("ours", await build("ours"));
});

afterAll(async () => {
  await docker("image", "rm", "--force", tag("ours"), tag("theirs"));
  const all = new Set([...steps("ours"), ...steps("theirs")]);
  await removeOwnRecords(process.env, { marks: all, bases: new Set() });
  expect([...(await commands("ours")), ...(await commands("theirs"))]).toEqual([]);
});

describe("the build cache", () => {
  it("keeps the layers of an image that is there", async () => {
    await removeOwnRecords(process.env, { marks: new Set(marksOf(dockerfile("ours"))), bases: new Set() });
    expect(idsOf(await commands("ours"))).toHaveLength(2);
  });

  it("loses all that the lab's build has made, and nothing of another project's", async () => {
    await docker("image", "rm", tag("ours"), tag("theirs"));
    const own = { marks: new Set(marksOf(dockerfile("ours"))), bases: new Set<string>() };
    const { records, bytes, left } = await removeOwnRecords(process.env, own);
    const after = new Set(idsOf(await buildRecords(process.env)));
    expect((made.get("ours") ?? []).filter(({ ID }) => after.has(ID))).toEqual([]);
    expect((made.get("theirs") ?? []).filter(({ ID }) => !after.has(ID))).toEqual([]);
    expect(records).toBeGreaterThanOrEqual(3);
    expect(bytes).toBeGreaterThan(0);
    expect(left.records).toBeGreaterThanOrEqual(3);
  });

  it("still serves the other project's next build", async () => {
    const before = idsOf(await commands("theirs"));
    expect(before).toHaveLength(2);
    await build("theirs");
    expect(idsOf(await commands("theirs"))).toEqual(before);
  });
});
