import type { Binding, Host, LabHosts, PortRequest } from "../hosts/host.ts";
import type { Lab } from "../lab.ts";
import type { LabPlan } from "../plan/lab.ts";
import type { Audience, PlacedService } from "../plan/services.ts";
import type { BrokerAddress, Voter } from "./listeners.ts";

export interface PlacedBroker extends BrokerAddress {
  readonly host: Host;
  readonly controller?: Binding;
}

export interface AddressArgs {
  lab: Lab;
  hosts: LabHosts;
  plan: Pick<LabPlan, "services" | "ports">;
}

/** The planned brokers, each with the ports that its host gives it. */
export function brokerAddresses({ lab, hosts, plan }: AddressArgs): readonly PlacedBroker[] {
  const published = new Map(plan.ports.map(({ service, port }) => [service, port]));
  return plan.services
    .filter(({ role }) => role === "broker")
    .map((service) => {
      const host = hosts.hostOf(service.name);
      const outside = published.get(service.name);
      if (outside === undefined) throw new Error(`${service.name} has no published port`);
      const bind = (request: PortRequest) => host.bind(lab.resourceName(service.name), request);
      return {
        id: service.number,
        host,
        inside: bind({ port: portFor(service, "kafka"), peers: true }),
        ...(service.listeners.some(({ audience }) => audience === "quorum")
          ? { controller: bind({ port: portFor(service, "quorum"), peers: true }) }
          : {}),
        outside: bind({ port: portFor(service, undefined), published: outside, peers: false }),
        advertisedOutside: `${host.operatorAddress}:${outside}`,
      };
    });
}

/** The port that a service has for an audience; for none, the operator's. @throws when it was not planned */
export function portFor({ name, listeners }: PlacedService, audience: Audience | undefined): number {
  const found = listeners.find((listener) => listener.audience === audience);
  if (found === undefined) throw new Error(`${name} has no port for ${audience ?? "the operator"}`);
  return found.port;
}

/** @param broker one of a plan that says which of them vote */
export function isVoter(broker: PlacedBroker): broker is PlacedBroker & Voter {
  return broker.controller !== undefined;
}
