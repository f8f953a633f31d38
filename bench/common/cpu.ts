import { readdirSync, readFileSync } from "node:fs";

/** Linux counts processor time in ticks of 10 ms (USER_HZ, proc(5)). */
const msPerTick = 10;

/** Processor time that a process and its living children have used, user and system, ms; 0 when it is gone. */
export function cpuMs(pid: number): number {
  return [pid, ...childrenOf(pid)].reduce((sum, each) => sum + ownCpuMs(each), 0);
}

function ownCpuMs(pid: number): number {
  const fields = statOf(pid);
  return fields === undefined ? 0 : (Number(fields[11]) + Number(fields[12])) * msPerTick;
}

function childrenOf(pid: number): number[] {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const direct = all.map(Number).filter((each) => Number(statOf(each)?.[1]) === pid);
  return direct.flatMap((child) => [child, ...childrenOf(child)]);
}

/**
 * Processor time of a process and its living children by the names of their threads, user and system, ms. What has
 * ended in between, and what was started beside them in the same container, is not among them.
 */
export function threadCpuMs(pid: number): Map<string, number> {
  const found = new Map<string, number>();
  for (const each of [pid, ...childrenOf(pid)]) {
    for (const task of listIfThere(`/proc/${each}/task`)) {
      const name = readIfThere(`/proc/${each}/task/${task}/comm`)?.trim() ?? "";
      const fields = fieldsOf(readIfThere(`/proc/${each}/task/${task}/stat`)) ?? [];
      const ms = (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * msPerTick;
      found.set(name, (found.get(name) ?? 0) + ms);
    }
  }
  return found;
}

/** The fields of /proc/<pid>/stat behind the name, which may have spaces and brackets in it; from field 3 on. */
function statOf(pid: number): string[] | undefined {
  return fieldsOf(readIfThere(`/proc/${pid}/stat`));
}

function fieldsOf(stat: string | undefined): string[] | undefined {
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** A file of a process; undefined when the process is gone. */
function readIfThere(path: string): string | undefined {
  return ifThere(() => readFileSync(path, "utf8"));
}

/** The entries of a folder of a process; none when the process is gone. */
function listIfThere(path: string): string[] {
  return ifThere(() => readdirSync(path)) ?? [];
}

function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}

/** Docker's daemons and what stands between them and the containers, by the names that Linux has of them. */
const engineNames = new Set(["dockerd", "containerd", "containerd-shim", "docker-proxy"]);

/**
 * Processor time that Docker's engine has used on this machine, with that of programs it has started and that have
 * ended, such as health checks: ms, user and system.
 */
export function engineCpuMs(): number {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const ticks = pids.map((pid) => {
    const fields = engineNames.has(nameOf(pid)) ? statOf(Number(pid)) : undefined;
    return (fields ?? []).slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  });
  return ticks.reduce((sum, each) => sum + each, 0) * msPerTick;
}

/** A process's name as Linux has it; empty when it is gone. */
function nameOf(pid: string): string {
  return readIfThere(`/proc/${pid}/comm`)?.trim() ?? "";
}
