import type * as pulumi from "@pulumi/pulumi";
import { secretPath } from "../containers/service.ts";
import type { Binding, Host, LabHosts } from "../hosts/host.ts";
import type { Cluster } from "../kafka/cluster.ts";
import type { Lab } from "../lab.ts";
import type { LabPlan } from "../plan/lab.ts";
import { mqttUser } from "../plan/mqtt.ts";
import type { ServicePlan, StoreName, Wiring } from "../plan/parts.ts";
import type { PlacedService } from "../plan/services.ts";
import type { Stores } from "../stores/stores.ts";

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
    readonly cluster: Pick<Cluster, "bootstrap">;
    /** Those that it uses. */
    readonly stores: Stores;
    readonly peers: ReadonlyMap<string, BoundService>;
  },
): Wiring {
  const { uses, name } = service;
  return {
    bootstrapServers: [...around.cluster.bootstrap.inside],
    http: { HTTP_HOST: binding.listenAddress, HTTP_PORT: binding.listenPort },
    postgres: () => {
      const { host, port, database, user } = used(name, "postgres", around.stores.postgres).connection;
      return {
        POSTGRES_HOST: host,
        POSTGRES_PORT: port,
        POSTGRES_DB: database,
        POSTGRES_USER: user,
        POSTGRES_PASSWORD_FILE: secretPath(passwordOf("postgres")),
      };
    },
    documents: () => {
      const { host, port, database, user } = used(name, "documents", around.stores.documents).connection;
      return {
        DOCUMENTS_HOST: host,
        DOCUMENTS_PORT: port,
        DOCUMENTS_DB: database,
        DOCUMENTS_USER: user,
        DOCUMENTS_PASSWORD_FILE: secretPath(passwordOf("documents")),
      };
    },
    mqtt: () => {
      const { host, port } = used(name, "mqtt", around.stores.mqtt).connection;
      return {
        MQTT_HOST: host,
        MQTT_PORT: port,
        MQTT_USER: mqttUser(service),
        MQTT_PASSWORD_FILE: secretPath(passwordOf("mqtt")),
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

/** The passwords that a service has of the stores that it uses, by the names of their files. */
export function storeSecrets(
  service: Pick<PlacedService, "name" | "pipeline" | "role">,
  { postgres, documents, mqtt }: Stores,
): Record<string, pulumi.Output<string>> {
  const own = mqtt?.connection.passwords.get(mqttUser(service));
  return {
    ...(postgres === undefined ? {} : { [passwordOf("postgres")]: postgres.connection.password }),
    ...(documents === undefined ? {} : { [passwordOf("documents")]: documents.connection.password }),
    ...(mqtt === undefined ? {} : { [passwordOf("mqtt")]: used(service.name, "mqtt", own) }),
  };
}

const passwordOf = (store: StoreName) => `${store}-password`;

/** @throws when a service asks for a store that it does not say it uses */
function used<T>(service: string, store: StoreName, found: T | undefined): T {
  if (found === undefined) throw new Error(`${service} does not say that it uses ${store}`);
  return found;
}
