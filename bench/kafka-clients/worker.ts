/** A process with one client in it, a producer or a consumer. Arguments: candidate, bootstrap servers. */

import { nowUs } from "../../apps/common/clock.ts";
import { pause } from "../../apps/common/retry.ts";
import type { BenchConsumer, CandidateName } from "./candidate.ts";
import { loadCandidate } from "./load-candidate.ts";
import { type Answer, type Command, type Workload, workloads } from "./workload.ts";

const [name = "", servers = ""] = process.argv.slice(2);
const candidate = await loadCandidate(name as CandidateName);
const bootstrap = servers.split(",");
const latenciesMs: number[] = [];
/** In place of the time of sending: a message that is not measured. */
const warmUp = 0;
let consumer: BenchConsumer | undefined;
let cpuBefore = process.cpuUsage();

const answer = (message: Answer): void => void process.send?.(message);
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage(cpuBefore);
  return (user + system) / 1000;
};

process.on("message", (command: Command) => void obey(command));

async function obey(command: Command): Promise<void> {
  if (command.kind === "stop") {
    if (consumer !== undefined) answer({ kind: "consumed", latenciesMs, cpuMs: cpuMs() });
    await consumer?.close();
    process.disconnect();
    process.exit(0);
  }
  if (command.kind === "consume") {
    consumer = await candidate.consumer(bootstrap, command.topic, command.group, (value) => {
      const sentUs = Number(value.readBigUInt64LE(0));
      if (sentUs !== warmUp) latenciesMs.push((nowUs() - sentUs) / 1000);
    });
    cpuBefore = process.cpuUsage();
    answer({ kind: "ready" });
    return;
  }
  const workload = workloads.find((one) => one.name === command.workload);
  if (workload === undefined) throw new Error(`there is no workload ${command.workload}`);
  const producer = await candidate.producer(bootstrap);
  // Connections and metadata are not what is measured.
  await producer.send(command.topic, messageOf(workload, warmUp));
  cpuBefore = process.cpuUsage();
  const started = performance.now();
  const messages = await produce(workload, command.seconds, (value) => producer.send(command.topic, value));
  answer({ kind: "produced", messages, seconds: (performance.now() - started) / 1000, cpuMs: cpuMs() });
  await producer.close();
}

async function produce(
  { perSecond, inFlight, ...workload }: Workload,
  seconds: number,
  send: (value: Buffer) => Promise<void>,
): Promise<number> {
  const endMs = performance.now() + seconds * 1000;
  let sent = 0;
  const lane = async (first: number): Promise<void> => {
    const startMs = endMs - seconds * 1000;
    for (let number = first; performance.now() < endMs; number += inFlight) {
      const dueMs = Number.isFinite(perSecond) ? startMs + (number * 1000) / perSecond : 0;
      if (dueMs >= endMs) return;
      if (dueMs > performance.now()) await pause(dueMs - performance.now());
      await send(messageOf({ perSecond, inFlight, ...workload }));
      sent += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, index) => lane(index)));
  return sent;
}

/** Some bytes, with the time of sending in front, µs. */
function messageOf({ bytes }: Workload, sentUs = nowUs()): Buffer {
  const value = Buffer.alloc(bytes, "0123456789abcdef");
  value.writeBigUInt64LE(BigInt(sentUs), 0);
  return value;
}
