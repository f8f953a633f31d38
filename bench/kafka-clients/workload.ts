/** What is sent in one trial. */
export interface Workload {
  readonly name: string;
  readonly bytes: number;
  /** Messages a second, at fixed times; Infinity for as fast as acknowledgements allow. */
  readonly perSecond: number;
  /** Most messages without an acknowledgement. */
  readonly inFlight: number;
}

export const workloads: readonly Workload[] = [
  { name: "85 KB, 30/s", bytes: 85 * 1024, perSecond: 30, inFlight: 8 },
  { name: "85 KB, flat out", bytes: 85 * 1024, perSecond: Number.POSITIVE_INFINITY, inFlight: 4 },
  { name: "3 KB, 100/s", bytes: 3 * 1024, perSecond: 100, inFlight: 8 },
  { name: "3 KB, flat out", bytes: 3 * 1024, perSecond: Number.POSITIVE_INFINITY, inFlight: 16 },
];

/** What a worker process is told. */
export type Command =
  | { readonly kind: "produce"; readonly topic: string; readonly workload: string; readonly seconds: number }
  | { readonly kind: "consume"; readonly topic: string; readonly group: string }
  | { readonly kind: "stop" };

/** What it answers. */
export type Answer =
  | { readonly kind: "ready" }
  | { readonly kind: "produced"; readonly messages: number; readonly seconds: number; readonly cpuMs: number }
  | { readonly kind: "consumed"; readonly latenciesMs: readonly number[]; readonly cpuMs: number };
