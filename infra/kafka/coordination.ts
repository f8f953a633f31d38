import type { BrokerAddress, Voter } from "./listeners.ts";

const plaintext = (...names: string[]) => names.map((name) => `${name}:PLAINTEXT`).join(",");

/** What a broker is in a KRaft quorum, as `server.properties` names. */
export function quorumProperties(
  { id, controller }: Pick<BrokerAddress, "id" | "controller">,
  voters: readonly Voter[],
): Record<string, string> {
  return {
    "node.id": String(id),
    "process.roles": controller === undefined ? "broker" : "broker,controller",
    "listener.security.protocol.map": plaintext("INSIDE", "OUTSIDE", "CONTROLLER"),
    ...quorumOf(voters),
  };
}

/** A controller that is no broker. */
export function controllerProperties({ id }: Voter, voters: readonly Voter[]): Record<string, string> {
  return {
    "node.id": String(id),
    "process.roles": "controller",
    "listener.security.protocol.map": plaintext("CONTROLLER"),
    ...quorumOf(voters),
  };
}

function quorumOf(voters: readonly Voter[]): Record<string, string> {
  return {
    "controller.quorum.voters": voters.map(({ id, controller }) => `${id}@${controller.peer}`).join(","),
    "controller.listener.names": "CONTROLLER",
    // The quorum sends little, and each of these threads wakes three times a second.
    "listener.name.controller.num.network.threads": "1",
    // How often the quorum writes while nothing happens: ten times as often by default.
    "metadata.max.idle.interval.ms": "5000",
  };
}

/**
 * A broker that ZooKeeper coordinates.
 *
 * @param connect `host:port` of every node of the ensemble, and the path below which Kafka has its own
 */
export function zookeeperProperties(
  { id }: Pick<BrokerAddress, "id">,
  connect: string,
): Record<string, string> {
  return {
    "broker.id": String(id),
    "zookeeper.connect": connect,
    "listener.security.protocol.map": plaintext("INSIDE", "OUTSIDE"),
    // As long as KRaft's broker.session.timeout.ms. A broker that has crashed can come back only when its session is over:
    // until then ZooKeeper has its id for taken, and with the default that would be 18 s.
    "zookeeper.session.timeout.ms": "9000",
    // A node of the ensemble that is gone must not keep a broker from trying the next.
    "zookeeper.connection.timeout.ms": "30000",
  };
}
