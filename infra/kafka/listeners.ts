/**
 * The three listeners of a broker. Each serves another audience, and a client is sent back to whatever address
 * the listener it used advertises, so they cannot be shared:
 * INSIDE for services of the lab, OUTSIDE for the operator's machine, CONTROLLER for the KRaft quorum.
 */
export const listenerPorts = { INSIDE: 9092, OUTSIDE: 29092, CONTROLLER: 29093 } as const;

export interface BrokerAddress {
  /** Node id, from 0. */
  readonly id: number;
  /** Address for peers inside the lab. */
  readonly inside: string;
  /** Address and published port for clients on the operator's machine. */
  readonly outside: { readonly host: string; readonly port: number };
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
  const names = votes ? (["INSIDE", "OUTSIDE", "CONTROLLER"] as const) : (["INSIDE", "OUTSIDE"] as const);
  return {
    "node.id": String(broker.id),
    "process.roles": votes ? "broker,controller" : "broker",
    "controller.quorum.voters": controllers
      .map(({ id, inside }) => `${id}@${inside}:${listenerPorts.CONTROLLER}`)
      .join(","),
    listeners: names.map((name) => `${name}://:${listenerPorts[name]}`).join(","),
    "advertised.listeners": [
      `INSIDE://${broker.inside}:${listenerPorts.INSIDE}`,
      `OUTSIDE://${broker.outside.host}:${broker.outside.port}`,
    ].join(","),
    "listener.security.protocol.map": "INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "INSIDE",
    "controller.listener.names": "CONTROLLER",
  };
}

/** The nodes that form the KRaft quorum: the first one, three or five, since an even number adds no safety. */
export function controllerCount(brokers: number): number {
  return brokers >= 5 ? 5 : brokers >= 3 ? 3 : 1;
}
