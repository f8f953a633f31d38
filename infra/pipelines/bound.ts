import { secretPath } from "../containers/service.ts";
import type { Binding, Host, LabHosts } from "../hosts/host.ts";
import type { Cluster } from "../kafka/cluster.ts";
import type { Lab } from "../lab.ts";
import type { LabPlan } from "../plan/lab.ts";
import type { ServicePlan, Wiring } from "../plan/parts.ts";
import type { PlacedService } from "../plan/services.ts";
import type { Postgres } from "../stores/postgres.ts";

/** A service of a pipeline at its place. */
export interface BoundService {
  readonly service: PlacedService;
  readonly plan: ServicePlan;
  readonly host: Host;
  readonly binding: Binding;
  /** Base URL for the operator's machine. */
  readonly url: string;
}

export interface BindArgs {
  lab: Lab;
  hosts: LabHosts;
  plan: Pick<LabPlan, "services" | "ports">;
}

/** The services of a pipeline, each with the port that its host gives it. */
export function bindServices(pipeline: string, { lab, hosts, plan }: BindArgs): BoundService[] {
  return plan.services.flatMap((service) => {
    const { name, listeners } = service;
    const [listener] = listeners;
    if (service.pipeline !== pipeline || service.plan === undefined || listener === undefined) return [];
    const published = plan.ports.find((port) => port.service === name)?.port;
    if (published === undefined) throw new Error(`${name} has no published port`);
    const host = hosts.hostOf(name);
    const binding = host.bind(lab.resourceName(name), {
      port: listener.port,
      published,
      peers: listener.audience !== undefined,
    });
    const url = `http://${host.operatorAddress}:${published}`;
    return [{ service, plan: service.plan, host, binding, url }];
  });
}

/** What one of the services is told of the lab around it. */
export function wiringOf(
  { service, binding }: BoundService,
  around: {
    readonly cluster: Pick<Cluster, "insideServers">;
    readonly postgres: Postgres | undefined;
    readonly peers: ReadonlyMap<string, BoundService>;
  },
): Wiring {
  const { uses, name } = service;
  return {
    bootstrapServers: [...around.cluster.insideServers],
    http: { HTTP_HOST: binding.listenAddress, HTTP_PORT: binding.listenPort },
    postgres: () => {
      if (around.postgres === undefined) throw new Error(`${name} does not say that it uses postgres`);
      const { host, port, database, user } = around.postgres.connection;
      return {
        POSTGRES_HOST: host,
        POSTGRES_PORT: port,
        POSTGRES_DB: database,
        POSTGRES_USER: user,
        POSTGRES_PASSWORD_FILE: secretPath(postgresPassword),
      };
    },
    peer: (peer) => {
      const found = around.peers.get(peer);
      if (found === undefined || !uses.services?.includes(peer))
        throw new Error(`${name} does not say that it uses ${peer}`);
      if (found.plan.offers === undefined) throw new Error(`${peer} offers no port to ${name}`);
      return found.binding.peer;
    },
    secret: secretPath,
  };
}

/** Name of the secret with the password of PostgreSQL. */
export const postgresPassword = "postgres-password";
