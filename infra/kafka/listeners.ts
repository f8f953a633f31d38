import type { Binding } from "../hosts/host.ts";

/**
 * The three listeners of a broker. Each serves another audience, and a client is sent back to whatever address
 * the listener it used advertises, so they cannot be shared:
 * INSIDE for services of the lab, OUTSIDE for the operator's machine, CONTROLLER for the KRaft quorum.
 */
export interface BrokerAddress {
  /** Node id, from 0. */
  readonly id: number;
  readonly inside: Binding;
  readonly outside: Binding;
  /** `host:port` for clients on the operator's machine. */
  readonly advertisedOutside: string;
}

/** A broker that is one of the quorum's controllers as well. */
export interface Voter extends BrokerAddress {
  readonly controller: Binding;
}

/**
 * Listener settings of one broker as `server.properties` names.
 *
 * @param controllers the nodes that vote; a broker that is none has no CONTROLLER listener
 */
export function listenerProperties(
  broker: BrokerAddress,
  controllers: readonly Voter[],
): Record<string, string> {
  const voter = controllers.find(({ id }) => id === broker.id);
  const bindings = {
    INSIDE: broker.inside,
    OUTSIDE: broker.outside,
    ...(voter === undefined ? {} : { CONTROLLER: voter.controller }),
  };
  return {
    "node.id": String(broker.id),
    "process.roles": voter === undefined ? "broker" : "broker,controller",
    "controller.quorum.voters": controllers.map(({ id, controller }) => `${id}@${controller.peer}`).join(","),
    listeners: Object.entries(bindings)
      .map(([name, binding]) => `${name}://${socketOf(binding)}`)
      .join(","),
    "advertised.listeners": [`INSIDE://${broker.inside.peer}`, `OUTSIDE://${broker.advertisedOutside}`].join(
      ",",
    ),
    "listener.security.protocol.map": "INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "INSIDE",
    "controller.listener.names": "CONTROLLER",
  };
}

/** Kafka takes an empty address for all of them. */
function socketOf({ listenAddress, listenPort }: Binding): string {
  return `${listenAddress === "0.0.0.0" ? "" : listenAddress}:${listenPort}`;
}
