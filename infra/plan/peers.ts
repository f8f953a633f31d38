import { storesOf } from "./parts.ts";
import { type Audience, type PlacedService, type PlannedService, usesKafka } from "./services.ts";

/** A port of a host that services of the lab listen on for each other. */
export interface PeerPort {
  readonly host: string;
  readonly service: string;
  readonly port: number;
  /** The key that moves it; undefined where none does. */
  readonly key: string | undefined;
  /** Hosts, this one left out, that have a service which uses it. */
  readonly from: readonly string[];
}

/** Every port that one service of the lab offers to others: the table that firewalls and security groups are made of. */
export function peerPorts(services: readonly PlacedService[]): readonly PeerPort[] {
  return services.flatMap((service) =>
    service.listeners.flatMap(({ port, key, audience }) => {
      if (audience === undefined) return [];
      const users = services.filter((other) => mayUse(other, audience, service));
      const from = new Set(users.map(({ host }) => host).filter((host) => host !== service.host));
      return [{ host: service.host, service: service.name, port, key, from: [...from] }];
    }),
  );
}

/** Whether a service uses what another one offers to this audience. */
function mayUse(user: PlannedService, audience: Audience, of: PlannedService): boolean {
  const { uses } = user;
  switch (audience) {
    case "kafka":
      return user.role === "broker" || usesKafka(uses);
    case "quorum":
      return user.role === "broker" || user.role === "controller";
    case "ensemble":
      return user.role === "zookeeper";
    case "service":
      return uses.services?.includes(of.name) ?? false;
    default:
      return storesOf(uses).includes(audience);
  }
}

/** What a host lets its peers in for: the ports that services of other hosts use. */
export function peerRules(peers: readonly PeerPort[], host: string): readonly PeerPort[] {
  return peers.filter((row) => row.host === host && row.from.length > 0).sort((a, b) => a.port - b.port);
}
