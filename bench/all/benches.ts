/** A bench as it is run for the page of benchmarks. */
export interface Bench {
  /** Its folder in bench/, and what its part of the page is called. */
  readonly name: string;
  readonly args: readonly string[];
  /** Whether it takes the name of a stack; others measure the default stack's brokers. */
  readonly takesStack: boolean;
}

/** What is measured on the same lab: its own config with these keys changed. */
export interface Stage {
  readonly config: Readonly<Record<string, string>>;
  /** How long the lab is left to itself before, s. */
  readonly restSeconds: number;
  readonly benches: readonly Bench[];
}

/** Where pictures are kept, from the checkout's root. */
export const pictures = "docs/benchmarks";

const onBrokers = (name: string, ...args: string[]): Bench => ({ name, args, takesStack: false });
const onLab = (name: string, ...args: string[]): Bench => ({ name, args, takesStack: true });

export const stages: readonly Stage[] = [
  {
    config: { producers: "1" },
    restSeconds: 0,
    benches: [
      onLab("classification", "--rounds", "3", "--most", "--out", pictures),
      onLab("resnet50", "--seconds", "6", "--rounds", "4"),
      onLab("deploy", "--rounds", "3"),
      onBrokers("video", "--seconds", "60", "--most-cameras", "--steps"),
      onBrokers("kafka-clients", "--seconds", "20", "--rounds", "3"),
      onBrokers("flush", "--seconds", "15"),
    ],
  },
  {
    config: { "sensors.enabled": "true" },
    restSeconds: 0,
    benches: [onLab("ingest", "--seconds", "15", "--rounds", "2")],
  },
  {
    // All of it, at rates that two cores carry.
    config: { pipelines: "all", "classification.rate": "2", "video.fps": "5" },
    restSeconds: 120,
    benches: [onLab("steady", "--minutes", "15")],
  },
  {
    config: { "classification.rate": "0.1" },
    // The brokers' compiler is at work for some minutes after their start.
    restSeconds: 240,
    benches: [onLab("idle", "--seconds", "60")],
  },
];

/**
 * The stages with nothing but the benches that are asked for.
 * @param only names; all of them when there are none
 * @throws RangeError that names what is no bench
 */
export function chosen(only: readonly string[]): Stage[] {
  const names = stages.flatMap(({ benches }) => benches.map(({ name }) => name));
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new RangeError(`${unknown.join(", ")} is no bench; there are ${names.join(", ")}`);
  }
  return stages
    .map((stage) => ({
      ...stage,
      benches: stage.benches.filter(({ name }) => only.length === 0 || only.includes(name)),
    }))
    .filter(({ benches }) => benches.length > 0);
}
