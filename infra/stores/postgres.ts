import * as pulumi from "@pulumi/pulumi";
import { postgresPort } from "../../apps/common/postgres-variables.ts";
import type { CoreConfig } from "../config/schema.ts";
import { secretPath } from "../containers/service.ts";
import { GeneratedSecret } from "../resources/secret.ts";
import { placeStore, runStore, type StoreArgs } from "./store.ts";

export interface PostgresArgs extends StoreArgs {
  config: Pick<CoreConfig, "postgres" | "keepData">;
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
    const { database, user, memoryMB } = args.config.postgres;
    const password = new GeneratedSecret(`${name}-password`, { bytes: 24 }, { parent: this }).result;
    const place = placeStore(name, args, postgresPort);
    const { host, binding, published } = place;
    const service = runStore(
      name,
      args,
      place,
      {
        role: "database",
        env: {
          POSTGRES_LISTEN_ADDRESSES: binding.listenAddress,
          POSTGRES_DB: database,
          POSTGRES_USER: user,
          POSTGRES_PASSWORD_FILE: secretPath("postgres-password"),
        },
        secrets: { "postgres-password": password },
        memoryMB,
        data: "/var/lib/postgresql/data",
        healthy: "/usr/local/bin/postgres-healthy",
      },
      this,
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
