import type { Change, Clash } from "../config/clash.ts";
import { type ParseOptions, readConfig } from "../config/config.ts";
import { type Found, nothingFound } from "../config/found.ts";
import { type ConfigOf, type LabSchema, labSchema } from "../config/lab-schema.ts";
import type { CoreConfig } from "../config/schema.ts";
import { type LabPlan, planOf } from "../plan/lab.ts";
import type { PlacedBefore } from "../plan/placement.ts";
import { labRules } from "../plan/rules/all.ts";
import type { LabView, Rule } from "../plan/rules/rule.ts";
import { coreRoles, type PipelinePart } from "../plan/services.ts";
import { chosenAreEnabled, chosenAreThere, settingsOf } from "./chosen.ts";
import type { Pipeline } from "./pipeline.ts";

/** A kind of lab: what can be configured, and what becomes of it. */
export interface LabDefinition<C> {
  readonly schema: LabSchema<C>;
  /**
   * The typed config of a lab.
   *
   * @param raw every key of the project's namespace, without that namespace, as Pulumi hands it over
   * @throws ConfigError that has every mistake
   */
  parseConfig(raw: Readonly<Record<string, string>>, options?: ParseOptions): C;
  /**
   * Everything that the configured lab consists of.
   *
   * @param before where services are already; the same that `parseConfig` was given, as `found` is
   */
  planLab(config: C, before?: PlacedBefore, found?: Found): LabPlan;
}

/** A recommendation can bring up something that a rule before it looks for; after so many rounds nothing does. */
const rounds = 4;

/** The labs that these pipelines can make up. */
export function defineLab<const P extends readonly Pipeline[]>(pipelines: P): LabDefinition<ConfigOf<P>> {
  const schema = labSchema(pipelines);
  const planLab = (core: CoreConfig, before?: PlacedBefore, found?: Found): LabPlan =>
    planOf(core, partsOf(pipelines, core), before, found);
  const view = (
    values: ReadonlyMap<string, unknown>,
    before: PlacedBefore,
    found: Found,
  ): LabView | undefined => {
    const core = schema.parse(values).data;
    let plan: LabPlan | undefined;
    return core === undefined
      ? undefined
      : {
          core,
          before,
          found,
          get plan() {
            plan ??= planLab(core, before, found);
            return plan;
          },
          with: ({ key, value }) => view(new Map([...values, [key, value]]), before, found),
        };
  };
  const rules = labRules(
    [
      chosenAreThere(pipelines),
      chosenAreEnabled(pipelines, (name) => schema.keys.get(`${name}.enabled`)?.default === "true"),
    ],
    rolesOf(pipelines),
    pipelines.map(
      (pipeline) =>
        ({ core }) =>
          ownClashes(pipeline, core),
    ),
  );
  return {
    schema,
    planLab,
    parseConfig: (raw, options) =>
      readConfig(
        {
          ...schema,
          clashesIn: (values) => {
            const { before = new Map(), found = nothingFound } = options ?? {};
            return clashesIn(rules, allowed(view(values, before, found)));
          },
        },
        raw,
        options,
      ),
  };
}

/**
 * Every clash in a lab. What a rule recommends is in force when the next one is asked, so that all recommendations can
 * be followed at once and nothing comes up afterwards.
 */
function clashesIn(rules: readonly Rule[], given: LabView): readonly Clash[] {
  const found: Clash[] = [];
  let lab = given;
  for (let round = 0; round < rounds; round += 1) {
    const before = found.length;
    for (const rule of rules) {
      const clashes = rule(lab);
      found.push(...clashes);
      for (const { changes } of clashes) lab = allowed(lab.with(changes[0]), changes[0]);
    }
    if (found.length === before) break;
  }
  return found;
}

function allowed(lab: LabView | undefined, change?: Change): LabView {
  if (lab !== undefined) return lab;
  const what = change === undefined ? "values" : `${change.key} ${change.value}`;
  throw new Error(`the schema refuses ${what}, which were checked or come from a rule`);
}

function partsOf(pipelines: readonly Pipeline[], core: CoreConfig): PipelinePart[] {
  return pipelines.flatMap((pipeline) => {
    const own = settingsOf(pipeline, core);
    return own === undefined ? [] : [{ name: pipeline.name, plan: pipeline.plan(own, core) }];
  });
}

function ownClashes(pipeline: Pipeline, core: CoreConfig): readonly Clash[] {
  const own = settingsOf(pipeline, core);
  return own === undefined ? [] : (pipeline.rules?.(own, core) ?? []);
}

/** What `placement` may name: each role, in all pipelines that have it or in one. */
function rolesOf(pipelines: readonly Pipeline[]): ReadonlySet<string> {
  const roles = pipelines.flatMap(({ name, roles: own }) => own.map((role) => [role, `${name}-${role}`]));
  return new Set([...coreRoles, ...roles.map(([role = ""]) => role), ...roles.map(([, one = ""]) => one)]);
}
