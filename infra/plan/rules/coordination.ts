import { brokerName, controllerName } from "../../../lib/kafka-nodes.ts";
import { zookeeperKafka } from "../../../lib/kafka-versions.ts";
import { change } from "../../config/clash.ts";
import { type Coordination, coordinationOf, zookeeperName } from "../kafka.ts";
import type { PlacedBefore } from "../placement.ts";
import type { CoreClash, Rule } from "./rule.ts";

/** Only one of the two Kafkas has ZooKeeper's client in it. */
export const zookeeperHasItsKafka: Rule = ({ core: { kafka } }) => {
  if (kafka.mode !== "zookeeper" || kafka.version === zookeeperKafka) return [];
  return [
    {
      key: "kafka.version",
      reason: `must be ${zookeeperKafka} where kafka.mode is zookeeper: Kafka 4 can be coordinated by KRaft alone`,
      changes: [change("kafka.version", zookeeperKafka), change("kafka.mode", "kraft")],
    } satisfies CoreClash,
  ];
};

/** With an even number as many may fail as with one fewer. */
export const ensembleIsOdd: Rule = ({ core: { kafka, zookeeper } }) => {
  const { nodes } = zookeeper;
  if (kafka.mode !== "zookeeper" || nodes % 2 === 1) return [];
  return [
    {
      key: "zookeeper.nodes",
      reason: `must be odd: of ${nodes} nodes more than half must run, so that no more may fail than of ${nodes - 1}`,
      changes: [change("zookeeper.nodes", nodes + 1), change("zookeeper.nodes", nodes - 1)],
    } satisfies CoreClash,
  ];
};

/** What would go unheeded is not allowed. */
export const controllersAreOfKraft: Rule = ({ core: { kafka } }) => {
  if (kafka.mode !== "zookeeper" || kafka.controllers === "combined") return [];
  return [
    {
      key: "kafka.controllers",
      reason:
        "has a meaning with KRaft alone, and kafka.mode is zookeeper: there the brokers choose one of themselves",
      changes: [change("kafka.controllers", "combined"), change("kafka.mode", "kraft")],
    } satisfies CoreClash,
  ];
};

/** What a lab that is there is coordinated by. */
function coordinationBefore(before: PlacedBefore): Coordination | undefined {
  const count = (name: (number: number) => string) => {
    let there = 0;
    while (before.has(name(there))) there += 1;
    return there;
  };
  if (!before.has(brokerName(0))) return undefined;
  const [zookeepers, controllers] = [count(zookeeperName), count(controllerName)];
  if (zookeepers > 0) return { by: "zookeeper", voters: zookeepers };
  return { by: controllers > 0 ? "controllers" : "combined", voters: controllers };
}

const anew = "make a new cluster, without the old one's data: ./scripts/down, then ./scripts/up";

/**
 * What coordinates a cluster stays: it alone knows which topics there are and where they begin and end, and another one
 * would begin with none, while their messages lie on the brokers' disks.
 */
export const coordinationStays: Rule = ({ core, before }) => {
  const was = coordinationBefore(before);
  const is = coordinationOf(core);
  if (was === undefined) return [];
  const mode = was.by === "zookeeper" ? "zookeeper" : "kraft";
  const clashes: CoreClash[] = [];
  if (mode !== core.kafka.mode) {
    clashes.push({
      key: "kafka.mode",
      reason: `takes away what knows the topics of a cluster that has been made with ${mode}, and all messages with it: keep that, or ${anew}`,
      changes: [change("kafka.mode", mode)],
    });
  } else if (was.by !== is.by) {
    const value = was.by === "combined" ? "combined" : was.voters;
    clashes.push({
      key: "kafka.controllers",
      reason: `makes another quorum of a cluster whose controllers are ${was.by === "combined" ? "brokers" : `${was.voters} nodes of their own`}; one with empty logs could outvote what knows its topics: keep that, or ${anew}`,
      changes: [change("kafka.controllers", value)],
    });
  } else if (was.by === "zookeeper" && was.voters !== is.voters) {
    clashes.push({
      key: "zookeeper.nodes",
      reason: `makes another ensemble of the ${was.voters} nodes there are; new ones with nothing in them could outvote those that know the topics: keep ${was.voters}, or ${anew}`,
      changes: [change("zookeeper.nodes", was.voters)],
    });
  }
  return clashes;
};
