import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseChecksums, verifyPinned } from "../checksums.ts";
import { filesKey, sameEntries } from "../keys.ts";
import { type Context, healthy, logFile, missing, type Part } from "../part.ts";
import { logged, which } from "../run.ts";
import { entry, exists, fill, keyOf } from "../store.ts";

/** Kafka's jars, as images/kafka/pom.xml names them, fetched by Maven. */
export const kafkaPart: Part = {
  name: "kafka jars",
  needs: [],

  async find(context) {
    const key = await pomKey(context);
    const stage = stageFolder(context);
    if ((await keyOf(stage)) !== key) return missing("Kafka's jars are not in images/kafka/stage");
    const cached = cachedLibs(context, key);
    if ((await exists(cached)) && !(await sameEntries(cached, join(stage, "libs")))) {
      return missing("jars are missing from images/kafka/stage/libs");
    }
    return healthy(await kafkaVersion(context), "Maven");
  },

  async packages(context) {
    if (await exists(cachedLibs(context, await pomKey(context)))) return [];
    return (await which("mvn", context.env.PATH ?? "")) === undefined ? MAVEN : [];
  },

  async get(context) {
    const key = await pomKey(context);
    const libs = await entry(cachedLibs(context, key), (temporary) => fetchJars(context, temporary));
    await fill(stageFolder(context), key, { libs });
  },
};

const MAVEN = ["maven", "default-jre-headless"];

async function fetchJars(context: Context, folder: string): Promise<void> {
  if ((await which("mvn", context.env.PATH ?? "")) === undefined) await context.apt.install(MAVEN);
  const args = [
    "-q",
    "-B",
    "--strict-checksums",
    "-f",
    pomFile(context),
    "dependency:copy-dependencies",
    `-DoutputDirectory=${folder}`,
  ];
  await context.progress.step("fetching Kafka's jars with Maven", () =>
    logged(logFile(context, "kafka"), "mvn", args, {
      env: context.env,
      fix: `check that Maven reaches its repository (log: ${logFile(context, "kafka")}), then ./scripts/setup`,
    }),
  );
  const jars = (await readdir(folder)).filter((name) => name.endsWith(".jar"));
  await verifyPinned({
    expected: parseChecksums(await readFile(join(context.root, JARS), "utf8")),
    files: new Map(jars.map((name) => [name, join(folder, name)])),
    list: JARS,
    fix: `rm -r ~/.m2/repository/org/apache/kafka && ./scripts/setup; after a change of images/kafka/pom.xml, look at each and write its line there`,
  });
}

/** The jars that pom.xml comes to, with the SHA-256 of each. */
const JARS = "images/kafka/jars.sha256";

function pomFile({ root }: Context): string {
  return join(root, "images/kafka/pom.xml");
}

function pomKey({ root }: Context): Promise<string> {
  return filesKey(root, ["images/kafka/pom.xml", JARS], "jars-2");
}

export async function kafkaVersion(context: Context): Promise<string> {
  const jars = await readdir(join(stageFolder(context), "libs"));
  const jar = jars.find((name) => /^kafka-server-common-|^kafka-clients-/.test(name)) ?? "";
  return (
    /-(\d[\d.]*)\.jar$/.exec(jar)?.[1] ??
    /<kafka.version>([^<]+)</.exec(await readFile(pomFile(context), "utf8"))?.[1] ??
    "?"
  );
}

function cachedLibs({ cache }: Context, key: string): string {
  return join(cache, `kafka-libs-${key}`);
}

function stageFolder({ root }: Context): string {
  return join(root, "images/kafka/stage");
}
