import type { BrokerAddress, Voter } from "./listeners.ts";

/** How a node finds the quorum that coordinates it. */
export type FindsQuorum =
  /** Who votes is a list that is fixed for the cluster's life. */
  | { readonly voters: readonly Voter[] }
  /** Who votes is in the cluster's metadata; each of these, as `host:port`, knows who leads. */
  | { readonly servers: readonly string[] };

const plaintext = (...names: string[]) => names.map((name) => `${name}:PLAINTEXT`).join(",");

/** What a broker is in a KRaft quorum, as `server.properties` names. */
export function quorumProperties(
  { id, controller }: Pick<BrokerAddress, "id" | "controller">,
  quorum: FindsQuorum,
): Record<string, string> {
  return {
    "node.id": String(id),
    "process.roles": controller === undefined ? "broker" : "broker,controller",
    "listener.security.protocol.map": plaintext("INSIDE", "OUTSIDE", "CONTROLLER"),
    ...quorumOf(quorum),
  };
}

/** A controller that is no broker. */
export function controllerProperties({ id }: Pick<Voter, "id">, quorum: FindsQuorum): Record<string, string> {
  return {
    "node.id": String(id),
    "process.roles": "controller",
    "listener.security.protocol.map": plaintext("CONTROLLER"),
    ...quorumOf(quorum),
  };
}

function quorumOf(quorum: FindsQuorum): Record<string, string> {
  return {
    ...("voters" in quorum
      ? { "controller.quorum.voters": quorum.voters.map(voterAt).join(",") }
      : { "controller.quorum.bootstrap.servers": quorum.servers.join(",") }),
    "controller.listener.names": "CONTROLLER",
    // The quorum sends little, and each of these threads wakes three times a second.
    "listener.name.controller.num.network.threads": "1",
    // How often the quorum writes while nothing happens: ten times as often by default.
    "metadata.max.idle.interval.ms": "5000",
  };
}

/** `id@host:port` */
export function voterAt({ id, controller }: Voter): string {
  return `${id}@${controller.peer}`;
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
