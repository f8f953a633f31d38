import type { Diff } from "./diff.ts";
import type { Severity } from "./engine.ts";
import type { Path, Properties } from "./values.ts";

export interface Failure {
  /** Property path; empty for the resource as a whole. */
  readonly property: string;
  readonly reason: string;
}

export interface Checked<I> {
  /** The inputs with their defaults filled in. */
  readonly inputs: I;
  readonly failures: readonly Failure[];
}

/** What an operation may use besides its arguments. */
export interface Context {
  readonly urn: string;
  /** Aborted when the user cancels, when the CLI goes away and when the resource's custom timeout has passed. */
  readonly signal: AbortSignal;
  /** A line that stays in the CLI's output. */
  log(severity: Severity, message: string): Promise<void>;
  /** Progress: shown beside the resource until the next line. */
  status(message: string): Promise<void>;
}

/**
 * One resource type. Values are plain objects: secrets are unwrapped before and wrapped again after (a property that
 * came as a secret leaves as one). In previews inputs may hold UNKNOWN; only check() and diff() are called then.
 */
export interface ResourceHandler<I extends object = object, O extends object = object> {
  /** Inputs, or parts of them, that are secret however they came. */
  readonly secretInputs?: readonly Path[];
  /** Outputs that are secret whatever the inputs are. */
  readonly secretOutputs?: readonly string[];
  /** Validates, fails by name on unknown properties and fills in defaults. `olds` are the inputs last deployed. */
  check(news: unknown, olds: I | undefined): Checked<I>;
  /**
   * What stands in the way of a resource that is new, asked before anything of it is made, in previews too; undefined
   * when nothing does.
   */
  obstacle?(inputs: I): Promise<string | undefined>;
  /** Compares with the inputs last deployed, and with the outputs last read for drift. */
  diff(olds: { inputs: I; outputs: O }, news: I): Diff;
  /**
   * Looks at the real thing before an update to these inputs, in previews as well, whether it is one that must not be.
   * Not asked when nothing changes.
   * @throws with the reason, and what mends it
   */
  refuse?(olds: { inputs: I; outputs: O }, news: I): Promise<void>;
  /** @throws PartialFailure when something was made but is not as it should be */
  create(inputs: I, context: Context): Promise<{ id: string; outputs: O }>;
  /**
   * The state of the real thing; undefined when it is gone. Outputs and inputs are absent on import. Inputs answered
   * as undefined stay as they were.
   */
  read(
    id: string,
    outputs: O | undefined,
    inputs: I | undefined,
    context: Context,
  ): Promise<{ id: string; outputs: O; inputs: I | undefined } | undefined>;
  /** Outputs that an update makes anew, so that a preview takes what depends on them for changed. None without it. */
  renewed?(olds: { inputs: I; outputs: O }, news: I): readonly string[];
  /** @throws PartialFailure when the thing was changed but is not as it should be */
  update(id: string, olds: { inputs: I; outputs: O }, news: I, context: Context): Promise<O>;
  /** Must succeed when the thing is gone already. */
  delete(id: string, outputs: O, context: Context): Promise<void>;
}

/** The thing exists (so it must be kept in the state, not orphaned) but did not become what it should be. */
export class PartialFailure extends Error {
  readonly id: string;
  readonly outputs: object;

  constructor(id: string, outputs: object, reason: string) {
    super(reason);
    this.id = id;
    this.outputs = outputs;
  }
}

/** Answers a program's question, from arguments that are all known. */
export type FunctionHandler = (args: Properties) => Promise<object>;

export interface ProviderDefinition {
  readonly name: string;
  readonly version: string;
  /** Type token, such as `docker:index/container:Container`, → its handler. */
  readonly resources: Readonly<Record<string, ResourceHandler>>;
  /** Token, such as `docker:index/getNetwork:getNetwork`, → its handler. */
  readonly functions?: Readonly<Record<string, FunctionHandler>>;
  /** Validates the provider's own configuration; unknown keys must fail by name. Without it every key fails. */
  checkConfig?(config: Record<string, unknown>): readonly Failure[];
  /** Takes the configuration (strings, or what their JSON says). May hold UNKNOWN in a preview. */
  configure?(config: Record<string, unknown>): void;
}
