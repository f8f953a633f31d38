import type { Probe } from "../../lib/probe.ts";
import type { PulumiEnvironment } from "../toolchain/environment.ts";
import { ToolchainError } from "../toolchain/errors.ts";
import { attempt, output } from "../toolchain/run.ts";
import type { HostForwards, LabEngine } from "./access.ts";
import { labContainers } from "./docker.ts";

/** The stack outputs that scripts use, as `pulumi stack output --json` prints them. */
export interface LabOutputs {
  readonly bootstrapServers: string;
  readonly classifierUrl?: string;
  readonly producerUrls: readonly string[];
  readonly classifierUrls: readonly string[];
  readonly postgresUrl?: string;
  readonly videoProducerUrl?: string;
  readonly cameraUrl?: string;
  readonly grayscaleFolder?: string;
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
  readonly [name: string]: unknown;
}

/** One image's way through the lab, as its producer saw it, on the producer's clock. */
export interface Sample {
  readonly id: string;
  readonly scheduledUs: number;
  readonly receivedUs: number;
}

/** A row of the view `classified`. */
export interface ClassifiedRow {
  readonly id: string;
  readonly label: string | null;
  readonly predicted: string;
  readonly score: number;
}

export interface Recorded {
  readonly count: number;
}

/** Outputs of the stack; secrets are left as `[secret]`. */
export async function labOutputs(
  pulumi: PulumiEnvironment,
  root: string,
  stack: string,
): Promise<LabOutputs> {
  const text = await output(pulumi.pulumi, ["stack", "output", "--json", "--stack", stack], {
    cwd: root,
    env: pulumi.env,
  });
  if (text === undefined)
    throw new ToolchainError(`the stack ${stack} has no outputs`, `./scripts/pulumi up --stack ${stack}`);
  const outputs = JSON.parse(text) as Partial<LabOutputs>;
  return {
    ...outputs,
    bootstrapServers: outputs.bootstrapServers ?? "",
    producerUrls: outputs.producerUrls ?? [],
    classifierUrls: outputs.classifierUrls ?? [],
    forwards: outputs.forwards ?? [],
    probes: outputs.probes ?? [],
    topics: outputs.topics ?? [],
  };
}

/** What the first producer has kept of answered images, oldest first; empty while it does not answer. */
export async function samples(outputs: LabOutputs): Promise<Sample[]> {
  const url = outputs.producerUrls[0];
  if (url === undefined) return [];
  const response = await fetch(`${url}/latencies`, { signal: AbortSignal.timeout(5_000) }).catch(
    () => undefined,
  );
  if (response === undefined || !response.ok) return [];
  const body = (await response.json()) as { samples: (Sample & { outcome: string })[] };
  return body.samples.filter(({ outcome }) => outcome === "received");
}

/** A camera as the producer of frames sees it. */
export interface CameraState {
  readonly name: string;
  /** Number that its next frame gets. */
  readonly nextSeq: number;
  /** What is wrong with getting or sending its frames; null when nothing is. */
  readonly capture: string | null;
  readonly sending: string | null;
}

/** The cameras of the producer of frames; undefined while it does not answer. */
export async function cameraStates(url: string): Promise<CameraState[] | undefined> {
  const response = await fetch(`${url}/cameras`, { signal: AbortSignal.timeout(5_000) }).catch(
    () => undefined,
  );
  if (response === undefined || !response.ok) return undefined;
  return ((await response.json()) as { cameras: CameraState[] }).cameras;
}

/** Whether an app says that it does its work, whatever it lacks. */
export async function isHealthy(url: string): Promise<boolean> {
  const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(5_000) }).catch(
    () => undefined,
  );
  return response?.ok === true;
}

/** How many rows the view has; undefined while the database or the view is not there. */
export async function recordedRows(
  engines: readonly LabEngine[],
  stack: string,
): Promise<Recorded | undefined> {
  const [found] =
    (await query<Recorded>(engines, stack, "SELECT count(*)::int AS count FROM classified")) ?? [];
  return found;
}

/** The rows of these ids: those whose way through the lab the producer still knows. */
export async function classifiedByIds(
  engines: readonly LabEngine[],
  stack: string,
  ids: readonly string[],
): Promise<ClassifiedRow[]> {
  const list = ids.map((id) => `'${id.replaceAll("'", "''")}'`).join(",");
  const select = `SELECT id, label, predicted, score FROM classified WHERE id IN (${list}) ORDER BY sent_at`;
  return ids.length === 0 ? [] : ((await query<ClassifiedRow>(engines, stack, select)) ?? []);
}

/**
 * Asks the lab's PostgreSQL by its own psql, inside its container, where the operating system vouches for the
 * user; so no password passes through here.
 *
 * @returns undefined while the database does not answer
 */
export async function query<Row>(
  engines: readonly LabEngine[],
  stack: string,
  select: string,
): Promise<Row[] | undefined> {
  const database = (await labContainers(engines, stack)).find(({ role }) => role === "database");
  if (database === undefined) return undefined;
  const psql =
    'exec psql --no-psqlrc -qtAX -v ON_ERROR_STOP=1 --username=postgres --dbname="$POSTGRES_DB" --file=-';
  const result = await attempt("docker", ["exec", "-i", database.name, "sh", "-c", psql], {
    env: database.engine.env,
    input: `SELECT coalesce(json_agg(q), '[]') FROM (${select}) AS q;\n`,
    timeout: 10_000,
  });
  return result.failed ? undefined : (JSON.parse(result.stdout) as Row[]);
}
