import { firstControllerId } from "../../lib/kafka-nodes.ts";
import type { Host, LabHosts, PortRequest } from "../hosts/host.ts";
import type { Lab } from "../lab.ts";
import type { LabPlan } from "../plan/lab.ts";
import type { Audience, PlacedService } from "../plan/services.ts";
import type { BrokerAddress, Voter } from "./listeners.ts";

export interface PlacedBroker extends BrokerAddress {
  readonly host: Host;
}

export interface PlacedVoter extends Voter {
  readonly host: Host;
}

export interface AddressArgs {
  lab: Lab;
  hosts: LabHosts;
  plan: Pick<LabPlan, "services" | "ports">;
}

/** The planned brokers, each with the ports that its host gives it. */
export function brokerAddresses({ lab, hosts, plan }: AddressArgs): readonly PlacedBroker[] {
  return plan.services
    .filter(({ role }) => role === "broker")
    .map((service) => {
      const host = hosts.hostOf(service.name);
      const outside = publishedPort(plan, service.name);
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

/** The planned controllers that are no brokers. */
export function controllerAddresses({ lab, hosts, plan }: AddressArgs): readonly PlacedVoter[] {
  return plan.services
    .filter(({ role }) => role === "controller")
    .map((service) => {
      const host = hosts.hostOf(service.name);
      const port = portFor(service, "quorum");
      const controller = host.bind(lab.resourceName(service.name), { port, peers: true });
      return { id: firstControllerId + service.number, host, controller };
    });
}

/** The port of the operator's machine that leads to a service. @throws when it was not planned */
export function publishedPort({ ports }: Pick<LabPlan, "ports">, service: string): number {
  const found = ports.find((port) => port.service === service)?.port;
  if (found === undefined) throw new Error(`${service} has no published port`);
  return found;
}

/** The ports that a service has for an audience; for none, the operator's. */
export function portsFor({ listeners }: PlacedService, audience: Audience | undefined): readonly number[] {
  return listeners.filter((listener) => listener.audience === audience).map(({ port }) => port);
}

/** The one port that a service has for an audience. @throws when it was not planned */
export function portFor(service: PlacedService, audience: Audience | undefined): number {
  const [port] = portsFor(service, audience);
  if (port === undefined) throw new Error(`${service.name} has no port for ${audience ?? "the operator"}`);
  return port;
}

/** @param node one of a plan that says which of them vote */
export function isVoter<N extends PlacedBroker>(node: N): node is N & PlacedVoter {
  return node.controller !== undefined;
}
