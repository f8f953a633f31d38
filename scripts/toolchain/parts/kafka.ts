import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type KafkaVersion, kafkaVersions } from "../../../lib/kafka-versions.ts";
import { parseChecksums, verifyPinned } from "../checksums.ts";
import { filesKey, sameEntries } from "../keys.ts";
import { type Context, healthy, logFile, missing, type Part } from "../part.ts";
import { logged, which } from "../run.ts";
import { entry, exists, fill, keyOf } from "../store.ts";

/** The jars of each Kafka that a lab can have, as the pom.xml of its image names them, fetched by Maven. */
export const kafkaPart: Part = {
  name: "kafka jars",
  needs: [],

  async find(context) {
    for (const version of kafkaVersions) {
      const key = await pomKey(context, version);
      const stage = stageFolder(context, version);
      if ((await keyOf(stage)) !== key) return missing(`Kafka's jars are not in ${folderOf(version)}/stage`);
      const cached = cachedLibs(context, key);
      if ((await exists(cached)) && !(await sameEntries(cached, join(stage, "libs")))) {
        return missing(`jars are missing from ${folderOf(version)}/stage/libs`);
      }
    }
    const releases = await Promise.all(kafkaVersions.map((version) => kafkaRelease(context.root, version)));
    return healthy(releases.join(", "), "Maven");
  },

  async packages(context) {
    const keys = await Promise.all(kafkaVersions.map((version) => pomKey(context, version)));
    const cached = await Promise.all(keys.map((key) => exists(cachedLibs(context, key))));
    if (cached.every(Boolean)) return [];
    return (await which("mvn", context.env.PATH ?? "")) === undefined ? MAVEN : [];
  },

  async get(context) {
    // One after the other: both fetch into Maven's own store.
    for (const version of kafkaVersions) {
      const key = await pomKey(context, version);
      const libs = await entry(cachedLibs(context, key), (temporary) =>
        fetchJars(context, version, temporary),
      );
      await fill(stageFolder(context, version), key, { libs });
    }
  },
};

const MAVEN = ["maven", "default-jre-headless"];

async function fetchJars(context: Context, version: KafkaVersion, folder: string): Promise<void> {
  if ((await which("mvn", context.env.PATH ?? "")) === undefined) await context.apt.install(MAVEN);
  const args = [
    "-q",
    "-B",
    "--strict-checksums",
    "-f",
    join(context.root, pomFile(version)),
    "dependency:copy-dependencies",
    `-DoutputDirectory=${folder}`,
  ];
  const log = logFile(context, `kafka-${version}`);
  await context.progress.step(`fetching the jars of Kafka ${version} with Maven`, () =>
    logged(log, "mvn", args, {
      env: context.env,
      fix: `check that Maven reaches its repository (log: ${log}), then ./scripts/setup`,
    }),
  );
  const jars = (await readdir(folder)).filter((name) => name.endsWith(".jar"));
  await verifyPinned({
    expected: parseChecksums(await readFile(join(context.root, jarsFile(version)), "utf8")),
    files: new Map(jars.map((name) => [name, join(folder, name)])),
    list: jarsFile(version),
    fix: `rm -r ~/.m2/repository/org/apache/kafka && ./scripts/setup; after a change of ${pomFile(version)}, look at each and write its line there`,
  });
}

const folderOf = (version: KafkaVersion) => `images/kafka-${version}`;
const pomFile = (version: KafkaVersion) => `${folderOf(version)}/pom.xml`;
/** The jars that pom.xml comes to, with the SHA-256 of each. */
const jarsFile = (version: KafkaVersion) => `${folderOf(version)}/jars.sha256`;

function pomKey({ root }: Context, version: KafkaVersion): Promise<string> {
  return filesKey(root, [pomFile(version), jarsFile(version)], "jars-2");
}

/** The release of Kafka that a lab with this version has, as its pom.xml says: `4.2.0`. */
export async function kafkaRelease(root: string, version: KafkaVersion): Promise<string> {
  const pom = await readFile(join(root, pomFile(version)), "utf8");
  return /<kafka.version>([^<]+)</.exec(pom)?.[1] ?? "?";
}

function cachedLibs({ cache }: Context, key: string): string {
  return join(cache, `kafka-libs-${key}`);
}

function stageFolder({ root }: Context, version: KafkaVersion): string {
  return join(root, folderOf(version), "stage");
}
