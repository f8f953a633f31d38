import type { Binding } from "../hosts/host.ts";

/**
 * The listeners of a broker. Each serves another audience, and a client is sent back to whatever address the listener it
 * used advertises, so they cannot be shared: INSIDE for services of the lab, OUTSIDE for the operator's machine,
 * CONTROLLER for the KRaft quorum.
 */
export interface BrokerAddress {
  /** Node id, from 0. */
  readonly id: number;
  readonly inside: Binding;
  readonly outside: Binding;
  /** `host:port` for clients on the operator's machine. */
  readonly advertisedOutside: string;
  /** Where it is one of the quorum's controllers as well. */
  readonly controller?: Binding;
}

/** A node of the KRaft quorum. */
export interface Voter {
  readonly id: number;
  readonly controller: Binding;
}

/** Listener settings of one broker as `server.properties` names. */
export function listenerProperties(broker: BrokerAddress): Record<string, string> {
  const { inside, outside, controller, advertisedOutside } = broker;
  const bindings = {
    INSIDE: inside,
    OUTSIDE: outside,
    ...(controller === undefined ? {} : { CONTROLLER: controller }),
  };
  return {
    listeners: Object.entries(bindings)
      .map(([name, binding]) => `${name}://${socketOf(binding)}`)
      .join(","),
    "advertised.listeners": [`INSIDE://${inside.peer}`, `OUTSIDE://${advertisedOutside}`].join(","),
    "inter.broker.listener.name": "INSIDE",
  };
}

/** Kafka takes an empty address for all of them. */
export function socketOf({ listenAddress, listenPort }: Binding): string {
  return `${listenAddress === "0.0.0.0" ? "" : listenAddress}:${listenPort}`;
}
