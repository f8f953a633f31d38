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
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}
