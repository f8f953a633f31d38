import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kafkaVersions } from "../../lib/kafka-versions.ts";
import { parseChecksums, sha256Of, verifyPinned } from "./checksums.ts";
import { kafkaRelease } from "./parts/kafka.ts";

const root = join(import.meta.dirname, "../..");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edgelab-checksums-"));
  await Promise.all(["a.jar", "b.jar"].map((name) => writeFile(join(folder, name), name)));
});
afterAll(() => rm(folder, { recursive: true }));

async function verify(expected: Record<string, string>, names: string[]): Promise<void> {
  const files = new Map(names.map((name) => [name, join(folder, name)]));
  await verifyPinned({ expected: new Map(Object.entries(expected)), files, list: "the list", fix: "look" });
}

describe("verifyPinned", () => {
  it("takes the very files of the list, and names whatever differs", async () => {
    const [a = "", b = ""] = await Promise.all(
      ["a.jar", "b.jar"].map((name) => sha256Of(join(folder, name))),
    );
    await verify({ "a.jar": a, "b.jar": b }, ["a.jar", "b.jar"]);
    await expect(verify({ "a.jar": b, "b.jar": b }, ["a.jar", "b.jar"])).rejects.toThrow(
      `not what the list says: a.jar has SHA-256 ${a}, expected ${b}`,
    );
    await expect(verify({ "a.jar": a }, ["a.jar", "b.jar"])).rejects.toThrow(/b\.jar is not in the list/);
    await expect(verify({ "a.jar": a, "b.jar": b }, ["a.jar"])).rejects.toThrow(/b\.jar is missing/);
  });
});

describe("what the repository pins", () => {
  it("has the Node of package-lock.json, for both processors", async () => {
    const lock = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8"));
    const { version } = lock.packages["node_modules/node"];
    const pinned = parseChecksums(await readFile(join(root, "scripts/toolchain/node.sha256"), "utf8"));
    expect([...pinned.keys()]).toEqual(["x64", "arm64"].map((arch) => `node-v${version}-linux-${arch}`));
  });

  it.each(kafkaVersions)("has the Kafka of the pom.xml of %s, which is of that version", async (version) => {
    const release = await kafkaRelease(root, version);
    expect(release.startsWith(`${version}.`)).toBe(true);
    const list = await readFile(join(root, `images/kafka-${version}/jars.sha256`), "utf8");
    expect(parseChecksums(list).has(`kafka_2.13-${release}.jar`)).toBe(true);
  });
});
