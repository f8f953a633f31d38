import type { Binding } from "../hosts/host.ts";

/** Number of the OUTSIDE listener where a broker has ports of its own. */
export const outsidePort = 29_092;

/**
 * The three listeners of a broker. Each serves another audience, and a client is sent back to whatever address
 * the listener it used advertises, so they cannot be shared:
 * INSIDE for services of the lab, OUTSIDE for the operator's machine, CONTROLLER for the KRaft quorum.
 */
export interface BrokerAddress {
  /** Node id, from 0. */
  readonly id: number;
  readonly inside: Binding;
  /** Used by voters only. */
  readonly controller: Binding;
  readonly outside: Binding;
  /** `host:port` for clients on the operator's machine. */
  readonly advertisedOutside: string;
}

/**
 * Listener settings of one broker as `server.properties` names.
 *
 * @param controllers the nodes that vote; a broker that is none has no CONTROLLER listener
 */
export function listenerProperties(
  broker: BrokerAddress,
  controllers: readonly BrokerAddress[],
): Record<string, string> {
  const votes = controllers.some(({ id }) => id === broker.id);
  const bindings = { INSIDE: broker.inside, OUTSIDE: broker.outside, CONTROLLER: broker.controller };
  const names = votes ? (["INSIDE", "OUTSIDE", "CONTROLLER"] as const) : (["INSIDE", "OUTSIDE"] as const);
  return {
    "node.id": String(broker.id),
    "process.roles": votes ? "broker,controller" : "broker",
    "controller.quorum.voters": controllers.map(({ id, controller }) => `${id}@${controller.peer}`).join(","),
    listeners: names.map((name) => `${name}://${socketOf(bindings[name])}`).join(","),
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

/** The nodes that form the KRaft quorum: the first one, three or five, since an even number adds no safety. */
export function controllerCount(brokers: number): number {
  return brokers >= 5 ? 5 : brokers >= 3 ? 3 : 1;
}
