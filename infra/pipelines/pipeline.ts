import type { Clash } from "../config/clash.ts";
import type { CoreConfig, KeyOf, Keys, Settings } from "../config/schema.ts";
import type { PipelinePlan } from "../plan/parts.ts";

/** A pipeline's keys, `enabled` among them. */
export interface Group extends Keys {
  readonly enabled: Keys[string];
}

/**
 * A pipeline: all that the lab knows of it. Containers, topics, ports, firewall, images, limits and outputs follow from
 * its plan, so that one more is a value in the list of all.ts.
 */
export interface Pipeline<N extends string = string, G extends Keys = Keys> {
  /** Its config group, its label, and what the names of its services and images start with. */
  readonly name: N;
  readonly config: G;
  /** Roles of all services that it can have, which `placement` may name. */
  readonly roles: readonly string[];
  /** Only called while it is on. Total: what it makes of values that clash is told by rules, not thrown. */
  plan(own: Settings<G>, core: CoreConfig): PipelinePlan<KeyOf<N, G>>;
  /** What is wrong with its keys that no rule of every lab finds; only called while it is on. */
  rules?(own: Settings<G>, core: CoreConfig): readonly Clash<KeyOf<N, G>>[];
}

/** A pipeline with its keys checked: a misspelt one does not compile. */
export function definePipeline<const N extends string, G extends Keys>(
  pipeline: Pipeline<N, G>,
): Pipeline<N, G> {
  return pipeline;
}
