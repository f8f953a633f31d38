import type { KafkaStanding } from "../../lib/kafka-standing.ts";
import type { KafkaVersion } from "../../lib/kafka-versions.ts";
import { sumOf } from "../../lib/metrics.ts";
import type { Probe } from "../../lib/probe.ts";
import type { Hint, WatchedCounter } from "../../lib/shown.ts";
import type { PulumiEnvironment } from "../toolchain/environment.ts";
import { ToolchainError } from "../toolchain/errors.ts";
import { attempt, output } from "../toolchain/run.ts";
import type { LabEngine } from "./access.ts";
import { labContainers } from "./docker.ts";
import type { HostForwards } from "./host-forwards.ts";

/** The stack outputs that scripts use, as `pulumi stack output --json` prints them. */
export interface LabOutputs {
  /** The lab's id. */
  readonly lab: string;
  readonly bootstrapServers: string;
  readonly producerUrls: readonly string[];
  readonly classifierUrls: readonly string[];
  readonly postgresUrl?: string;
  readonly hosts?: readonly {
    readonly name: string;
    readonly address: string;
    readonly roles: readonly string[];
  }[];
  /** What leads to other machines; empty where the lab is on this one. */
  readonly forwards: readonly HostForwards[];
  /** How drills send messages of their own through the pipelines. */
  readonly probes: readonly Probe[];
  readonly topics: readonly string[];
  /** What Kafka is coordinated by, and its version. */
  readonly kafka?: { readonly mode: "kraft" | "zookeeper"; readonly version: KafkaVersion };
  /** Which hosts its nodes are on. */
  readonly standing?: KafkaStanding;
  /** The nodes of the ensemble that coordinates Kafka, each with the base URL of its admin server; empty without any. */
  readonly zookeepers: readonly { readonly service: string; readonly url: string }[];
  /** Who reads which topic, by which consumer group. */
  /** Who reads what; `partition` is the one that it reads, where it passes over all others. */
  readonly consumers: readonly {
    readonly service: string;
    readonly topic: string;
    readonly group: string;
    readonly partition?: number;
  }[];
  /** Names of the services in the stages in which they are started. */
  readonly startOrder: readonly (readonly string[])[];
  /** How many of these, from the first, are Kafka's and the stores'. */
  readonly coreStages: number;
  /** What must grow before the lab counts as up. */
  readonly watched: readonly WatchedCounter[];
  /** What to try next. */
  readonly hints: readonly Hint[];
  /** Queries of the database that show what flows. */
  readonly excerpts: readonly string[];
  readonly [name: string]: unknown;
}

/** Outputs of the stack; secrets are left as `[secret]`, but for `forwards`, which holds none. */
export async function labOutputs(
  pulumi: PulumiEnvironment,
  root: string,
  stack: string,
): Promise<LabOutputs> {
  const ask = (...args: string[]) =>
    output(pulumi.pulumi, ["stack", "output", ...args, "--json", "--stack", stack], {
      cwd: root,
      env: pulumi.env,
    });
  const text = await ask();
  if (text === undefined)
    throw new ToolchainError(`the stack ${stack} has no outputs`, `./scripts/pulumi up --stack ${stack}`);
  const outputs = JSON.parse(text) as Partial<LabOutputs>;
  // Only labs on other machines have it as a secret, and Pulumi's start takes most of a second.
  const isHidden = (outputs.forwards as unknown) === "[secret]";
  const way = isHidden ? await ask("forwards", "--show-secrets") : JSON.stringify(outputs.forwards);
  if (outputs.lab === undefined && outputs.bootstrapServers !== undefined) {
    throw new ToolchainError(
      `the lab ${stack} was made before labs had ids, by which its containers are known`,
      `./scripts/down ${stack}, then ./scripts/up ${stack}`,
    );
  }
  return {
    ...outputs,
    lab: outputs.lab ?? "",
    bootstrapServers: outputs.bootstrapServers ?? "",
    producerUrls: outputs.producerUrls ?? [],
    classifierUrls: outputs.classifierUrls ?? [],
    forwards: way === undefined ? [] : (JSON.parse(way) as HostForwards[]),
    probes: outputs.probes ?? [],
    topics: outputs.topics ?? [],
    zookeepers: outputs.zookeepers ?? [],
    consumers: outputs.consumers ?? [],
    startOrder: outputs.startOrder ?? [],
    coreStages: outputs.coreStages ?? 1,
    watched: outputs.watched ?? [],
    hints: outputs.hints ?? [],
    excerpts: outputs.excerpts ?? [],
  };
}

/** What a counter of an app's metrics says, over all its labels; undefined while the app does not answer. */
export async function counterOf({
  url,
  counter,
}: Pick<WatchedCounter, "url" | "counter">): Promise<number | undefined> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  if (response === undefined || !response.ok) return undefined;
  return sumOf(await response.text(), counter);
}

/**
 * Asks the lab's PostgreSQL by its own psql, inside its container, where the operating system vouches for the
 * user; so no password passes through here.
 *
 * @returns undefined while the database does not answer
 */
export async function query<Row>(engines: readonly LabEngine[], select: string): Promise<Row[] | undefined> {
  const said = await psql(engines, `SELECT coalesce(json_agg(q), '[]') FROM (${select}) AS q;\n`);
  return said === undefined ? undefined : (JSON.parse(said) as Row[]);
}

/** What psql prints for statements that it is given as {@link query} does; undefined while the database does not answer. */
export async function psql(engines: readonly LabEngine[], statements: string): Promise<string | undefined> {
  const database = (await labContainers(engines)).find(({ role }) => role === "database");
  if (database === undefined) return undefined;
  const command =
    'exec psql --no-psqlrc -qtAX -v ON_ERROR_STOP=1 --username=postgres --dbname="$POSTGRES_DB" --file=-';
  const result = await attempt("docker", ["exec", "-i", database.name, "sh", "-c", command], {
    env: database.engine.env,
    input: statements,
    timeout: 10_000,
  });
  return result.failed ? undefined : result.stdout;
}
