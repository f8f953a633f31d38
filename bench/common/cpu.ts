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

/** The fields of /proc/<pid>/stat behind the name, which may have spaces and brackets in it; from field 3 on. */
function statOf(pid: number): string[] | undefined {
  const text = readIfThere(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** A file of a process; undefined when the process is gone. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
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
