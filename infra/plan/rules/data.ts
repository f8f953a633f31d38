import { stringify } from "yaml";
import { brokerName } from "../../../lib/kafka-nodes.ts";
import { type Change, change } from "../../config/clash.ts";
import type { CoreConfig, CoreKey } from "../../config/schema.ts";
import { dataName } from "../data-names.ts";
import { controllerCount, coordinationOf } from "../kafka.ts";
import { plannedHosts } from "../placement.ts";
import { holdsData, type PlacedService } from "../services.ts";
import type { CoreClash, LabView, Rule } from "./rule.ts";

/** A service that would leave the host that its data are on. */
interface Leaver {
  readonly service: PlacedService;
  readonly from: string;
}

/** Services that would leave their data behind, and whose data config does not give up. */
function leavers({ core, plan, before }: LabView): readonly Leaver[] {
  return plan.services.filter(holdsData).flatMap((service) => {
    const from = before.get(service.name);
    const stays = from === undefined || from === service.host;
    return stays || core.discardData.includes(dataName(service.name, from)) ? [] : [{ service, from }];
  });
}

/**
 * Data stay where they are: a host that has any is not left out, and no service that has any is placed elsewhere, unless
 * config gives up just these.
 */
export const dataStay: Rule = (lab) => {
  const { core } = lab;
  const there = new Set(plannedHosts(core).map(({ name }) => name));
  const [gone, moved] = partition(leavers(lab), ({ from }) => !there.has(from));
  return [...hostsGone(core, gone), ...servicesMoved(core, moved)];
};

/** Replicas that Kafka's own topics have, of which none can be taken away; fewer only where there are fewer brokers. */
const internalReplicas = 3;

/**
 * Brokers that are taken away give their replicas to the others, which must be enough for them. That topics of the lab
 * have no more than there are brokers is another rule; Kafka's own keep what they got. Where the quorum's size would
 * change, the cluster itself refuses that, with more reasons.
 */
export const brokersStay: Rule = ({ core, before }) => {
  const { brokers } = core.kafka;
  let there = 0;
  while (before.has(brokerName(there))) there += 1;
  const least = Math.min(internalReplicas, there);
  const isCombined = coordinationOf(core).by === "combined";
  if (brokers >= least || (isCombined && controllerCount(there) !== controllerCount(brokers))) return [];
  const gone = Array.from({ length: there - brokers }, (_, i) => brokerName(brokers + i)).join(", ");
  const reason =
    `takes ${gone} away, and Kafka's own topics have ${least} replicas, which the others could not hold: ` +
    `keep ${least}, or make a new cluster, without the old one's data: ./scripts/down, then ./scripts/up`;
  return [{ key: "kafka.brokers", reason, changes: [change("kafka.brokers", least)] } satisfies CoreClash];
};

function hostsGone(core: CoreConfig, gone: readonly Leaver[]): readonly CoreClash[] {
  if (gone.length === 0) return [];
  const hosts = [...Map.groupBy(gone, ({ from }) => from)].map(
    ([host, those]) => `${host}, which has the data of ${namesOf(those)}`,
  );
  return [
    {
      key: keyOfHosts(core),
      reason: `leaves out ${hosts.join("; and ")}: put it back, or give these data up if they may be lost`,
      changes: [givenUp(core, gone)],
    },
  ];
}

function servicesMoved(core: CoreConfig, moved: readonly Leaver[]): readonly CoreClash[] {
  if (moved.length === 0) return [];
  const kept: CoreConfig["placement"] = { ...core.placement };
  for (const { service, from } of moved) {
    const own = service.plan === undefined ? service.role : `${service.pipeline}-${service.role}`;
    kept[own] = [...new Set([from, ...(kept[own] ?? kept[service.role] ?? [])])];
  }
  const told = moved.map(({ service, from }) => `${service.name} from ${from} to ${service.host}`);
  return [
    {
      key: "placement",
      reason: `moves ${told.join(", ")}, and the data would stay behind: keep the host, or give these data up`,
      changes: [
        change("placement", stringify(kept, { collectionStyle: "flow" }).trim()),
        givenUp(core, moved),
      ],
    },
  ];
}

function givenUp(core: CoreConfig, leaving: readonly Leaver[]): Change<CoreKey> {
  const names = leaving.map(({ service, from }) => dataName(service.name, from));
  return change("discardData", JSON.stringify([...new Set([...core.discardData, ...names])]));
}

function keyOfHosts({ target }: CoreConfig): CoreKey {
  if (target === "ssh") return "ssh.hosts";
  return target === "openstack" ? "openstack.count" : "target";
}

function namesOf(leaving: readonly Leaver[]): string {
  return leaving.map(({ service }) => service.name).join(", ");
}

function partition<T>(all: readonly T[], first: (one: T) => boolean): readonly [T[], T[]] {
  return [all.filter(first), all.filter((one) => !first(one))];
}
