import * as pulumi from "@pulumi/pulumi";
import { postgresPort } from "../../apps/common/postgres-variables.ts";
import type { CoreConfig } from "../config/schema.ts";
import type { LabImage } from "../containers/image.ts";
import { checkTimes, Service, secretPath } from "../containers/service.ts";
import { dataVolume } from "../containers/volume.ts";
import type { LabHosts } from "../hosts/host.ts";
import type { Lab } from "../lab.ts";
import type { LabPlan } from "../plan/lab.ts";
import { GeneratedSecret } from "../resources/secret.ts";

export interface PostgresArgs {
  lab: Lab;
  hosts: LabHosts;
  image: LabImage;
  config: Pick<CoreConfig, "postgres" | "keepData">;
  plan: Pick<LabPlan, "ports">;
}

/** What a client inside the lab needs; the password is a secret and goes in as a file. */
export interface PostgresConnection {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: pulumi.Output<string>;
}

/** PostgreSQL with a generated password. Created when it answers a query. */
export class Postgres extends pulumi.ComponentResource {
  readonly connection: PostgresConnection;
  /** URL for clients on the operator's machine; a secret, since it has the password in it. */
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: PostgresArgs, opts?: pulumi.ComponentResourceOptions) {
    super("edgelab:stores:Postgres", name, {}, opts);
    const { lab, config } = args;
    const host = args.hosts.hostOf(name);
    const { database, user, memoryMB } = config.postgres;
    const published = args.plan.ports.find(({ service }) => service === name)?.port;
    if (published === undefined) throw new Error(`${name} is not among the planned services`);
    const password = new GeneratedSecret(`${name}-password`, { bytes: 24 }, { parent: this }).result;
    const { keepData } = config;
    const volume = dataVolume(`${name}-data`, { lab, host, pipeline: "postgres", keepData }, this);
    const binding = host.bind(lab.resourceName(name), { port: postgresPort, published, peers: true });
    const service = new Service(
      name,
      {
        lab,
        host,
        pipeline: "postgres",
        role: "database",
        image: args.image,
        env: {
          POSTGRES_LISTEN_ADDRESSES: binding.listenAddress,
          POSTGRES_DB: database,
          POSTGRES_USER: user,
          POSTGRES_PASSWORD_FILE: secretPath("postgres-password"),
        },
        secrets: { "postgres-password": password },
        bindings: [binding],
        volumes: [{ volume, path: "/var/lib/postgresql/data" }],
        health: {
          command: ["/usr/local/bin/postgres-healthy"],
          ...checkTimes,
          waitSeconds: 120,
        },
        memoryMB,
        stopSeconds: 30,
      },
      { parent: this },
    );
    this.connection = {
      host: host.peerAddress(service.containerName),
      port: postgresPort,
      database,
      user,
      password,
    };
    this.url = pulumi.secret(
      pulumi.interpolate`postgres://${user}:${password}@${host.operatorAddress}:${published}/${database}`,
    );
    this.registerOutputs({ url: this.url });
  }
}
