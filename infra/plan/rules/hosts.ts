import { isAbsolute } from "node:path";
import { type Change, type Clash, change } from "../../config/clash.ts";
import { suggestion } from "../../config/suggest.ts";
import { type HostPlan, systemGB, systemMB } from "../lab.ts";
import { plannedHosts } from "../placement.ts";
import { GB, tablesBytes } from "../topics.ts";
import type { CoreClash, LabView, Rule } from "./rule.ts";

export const placementNamesHosts: Rule = ({ core }) => {
  const hosts = plannedHosts(core).map(({ name }) => name);
  const reason = namesOthers(hosts, Object.entries(core.placement));
  return hosts.length === 0 || reason === undefined ? [] : [noPlacement(reason)];
};

/** A command that is nowhere run is hardly meant; the nearest name is what is recommended. */
export const commandsNameHosts: Rule = ({ core }) => {
  const hosts = plannedHosts(core).map(({ name }) => name);
  const [first] = hosts;
  const { commands } = core.hosts;
  const reason = namesOthers(
    hosts,
    commands.map(({ name, on }) => [name, on]),
  );
  if (first === undefined || reason === undefined) return [];
  const right = (host: string) => (hosts.includes(host) ? host : (suggestion(host, hosts) ?? first));
  const mended = commands.map((command) => ({ ...command, on: [...new Set(command.on.map(right))] }));
  return [{ key: "hosts.commands", reason, changes: [change("hosts.commands", JSON.stringify(mended))] }];
};

/** What is wrong where something names a host that is none of these; undefined when nothing does. */
function namesOthers(
  hosts: readonly string[],
  named: readonly (readonly [string, readonly string[]])[],
): string | undefined {
  const wrong = named.flatMap(([what, names]) =>
    names.filter((name) => !hosts.includes(name)).map((name) => `${what}: ${name}`),
  );
  if (wrong.length === 0) return undefined;
  return `names hosts that are not there (${wrong.join(", ")}); there are ${hosts.join(", ")}`;
}

/** @param roles of all services that a lab can have, whether they are on or not */
export function placementNamesRoles(roles: ReadonlySet<string>): Rule {
  return ({ core }) => {
    const wrong = Object.keys(core.placement).filter((role) => !roles.has(role));
    return wrong.length === 0
      ? []
      : [
          noPlacement(
            `names roles that no service has (${wrong.join(", ")}); there are ${[...roles].join(", ")}`,
          ),
        ];
  };
}

function noPlacement(reason: string): CoreClash {
  return { key: "placement", reason, changes: [change("placement", "")] };
}

/** Paths on other machines cannot be relative to this checkout. */
export const filesAreOnHosts: Rule = ({ core, plan }) => {
  if (core.target === "local") return [];
  const files = plan.services.flatMap((service) =>
    (service.plan?.files ?? []).flatMap((file) => (file.kind === "file" ? [{ service, file }] : [])),
  );
  return files
    .filter(({ file }) => !isAbsolute(file.file))
    .map(({ service, file }) => ({
      key: file.key,
      reason: `must be an absolute path on ${service.host}, where ${service.name} reads it, as that is another machine`,
      changes: [change(file.key, "")],
    }));
};

/** Limits of a host's services, which together must fit it; a host that config gives no size is asked later. */
export const hostsHaveRoom: Rule = (lab) => {
  const { core, plan } = lab;
  return plan.hosts.flatMap((host): Clash[] => {
    const { name, needs, memoryMB, diskGB, services } = host;
    const clashes: Clash[] = [];
    if (memoryMB !== undefined && needs.memoryMB > memoryMB) {
      const list = services.map((service) => `${service.name} ${service.memory.MB}`).join(", ");
      const changes = lighter(lab, host, needs.memoryMB - memoryMB);
      clashes.push({
        key: changes[0].key,
        reason: `puts services of ${needs.memoryMB} MB on ${name}, which has ${memoryMB} (${list}, and ${systemMB} for the system)`,
        changes,
      });
    }
    if (diskGB !== undefined && needs.diskGB > diskGB) {
      const hasDatabase = services.some(({ role }) => role === "database");
      const tablesGB = hasDatabase ? tablesBytes(plan.tables) / GB : 0;
      const budget = Math.floor((diskGB - systemGB - tablesGB) * core.kafka.brokers);
      const larger = needsOfLargest(lab, "diskGB");
      const [first = change("disk.budgetGB", Math.max(1, budget)), ...others] =
        budget < 1 ? larger : [change("disk.budgetGB", budget), ...larger];
      clashes.push({
        key: "disk.budgetGB",
        reason: `lets topics, tables and system take ${needs.diskGB} GB of ${name}, which has ${diskGB}`,
        changes: [first, ...others],
      });
    }
    return clashes;
  });
};

/** The limit that can be lowered most, lowered by what is too much; a larger machine first where that is not enough. */
function lighter(lab: LabView, { name, services }: HostPlan, excess: number): [Change, ...Change[]] {
  const [most] = [...Map.groupBy(services, ({ memory }) => memory.key)]
    .flatMap(([key, members]) => {
      const [first] = members;
      return key === undefined || first === undefined
        ? []
        : [{ key, ...first.memory, count: members.length }];
    })
    .sort((a, b) => (b.MB - b.least) * b.count - (a.MB - a.least) * a.count);
  const lowered =
    most === undefined
      ? []
      : [change(most.key, Math.max(most.least, most.MB - Math.ceil(excess / most.count)))];
  const larger = needsOfLargest(lab, "memoryMB");
  const enough = lowered.every((each) => {
    const after = lab.with(each)?.plan.hosts.find((host) => host.name === name);
    return after?.memoryMB !== undefined && after.needs.memoryMB <= after.memoryMB;
  });
  const [first = change("placement", ""), ...others] = enough
    ? [...lowered, ...larger]
    : [...larger, ...lowered];
  return [first, ...others];
}

/** VMs can be had larger, all alike. */
function needsOfLargest({ core, plan }: LabView, what: "memoryMB" | "diskGB"): Change[] {
  if (core.target !== "openstack") return [];
  return [change(`openstack.${what}`, Math.max(...plan.hosts.map(({ needs }) => needs[what])))];
}
