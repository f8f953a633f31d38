import { change } from "../config/clash.ts";
import type { CoreConfig, Keys, Settings } from "../config/schema.ts";
import type { CoreClash, Rule } from "../plan/rules/rule.ts";

/** As much of a pipeline as it takes to say whether it is on. */
export interface Choosable {
  readonly name: string;
}

/** A pipeline's own part of the config that the core's keys are in; undefined while it is off. */
export function settingsOf({ name }: Choosable, core: CoreConfig): Settings<Keys> | undefined {
  const own = ownOf(name, core);
  return own !== undefined && isChosen(name, core, own.enabled === true) ? own : undefined;
}

/** Whether `pipelines` names it; where that is empty, what its `enabled` says. */
function isChosen(name: string, { pipelines }: CoreConfig, enabled: boolean): boolean {
  if (pipelines === "all") return true;
  return pipelines.length === 0 ? enabled : pipelines.includes(name);
}

function ownOf(name: string, config: object): Settings<Keys> | undefined {
  const own: unknown = Reflect.get(config, name);
  return isGroup(own) ? own : undefined;
}

function isGroup(value: unknown): value is Settings<Keys> {
  return typeof value === "object" && value !== null;
}

/** `pipelines` names only pipelines that there are. */
export function chosenAreThere(all: readonly Choosable[]): Rule {
  const names = all.map(({ name }) => name);
  return ({ core: { pipelines } }) => {
    if (pipelines === "all") return [];
    const wrong = pipelines.filter((name) => !names.includes(name));
    if (wrong.length === 0) return [];
    const rest = pipelines.filter((name) => names.includes(name));
    return [
      choose(rest, `names pipelines that are not there (${wrong.join(", ")}); there are ${names.join(", ")}`),
    ];
  };
}

/**
 * `pipelines` says nothing else than an `enabled` that was set.
 *
 * @param byDefault whether a pipeline is on when nothing is set
 */
export function chosenAreEnabled(all: readonly Choosable[], byDefault: (name: string) => boolean): Rule {
  return ({ core }) => {
    const { pipelines } = core;
    if (pipelines.length === 0) return [];
    return all.flatMap(({ name }) => {
      const enabled = ownOf(name, core)?.enabled === true;
      const chosen = isChosen(name, core, enabled);
      if (enabled === byDefault(name) || enabled === chosen) return [];
      const key = `${name}.enabled`;
      const reason = `contradicts pipelines, which ${chosen ? "has" : "leaves out"} ${name}`;
      return [{ key, reason, changes: [change(key, String(chosen))] as const }];
    });
  };
}

function choose(names: readonly string[], reason: string): CoreClash {
  return {
    key: "pipelines",
    reason,
    changes: [change("pipelines", names.length === 0 ? "" : `[${names.join(", ")}]`)],
  };
}
