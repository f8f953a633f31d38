import type { Change, Clash } from "../../config/clash.ts";
import type { Found } from "../../config/found.ts";
import type { CoreConfig, CoreKey } from "../../config/schema.ts";
import type { LabPlan } from "../lab.ts";
import type { PlacedBefore } from "../placement.ts";

/** A configured lab as rules see it. */
export interface LabView {
  readonly core: CoreConfig;
  readonly plan: LabPlan;
  /** Where services are already. */
  readonly before: PlacedBefore;
  /** What there is beside config. */
  readonly found: Found;
  /** The lab as it would be with another value of a key; undefined when that value is not allowed. */
  with(change: Change): LabView | undefined;
}

/** What is wrong with a lab whose values are each allowed, as far as one rule goes. */
export type Rule = (lab: LabView) => readonly Clash[];

/** A clash of the core's own keys. */
export type CoreClash = Clash<CoreKey>;
