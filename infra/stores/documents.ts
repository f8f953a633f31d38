import * as pulumi from "@pulumi/pulumi";
import { documentsPort } from "../../apps/common/documents-variables.ts";
import type { DocumentEngine } from "../config/found.ts";
import type { CoreConfig } from "../config/schema.ts";
import { secretPath } from "../containers/service.ts";
import type { LabPlan } from "../plan/lab.ts";
import { GeneratedSecret } from "../resources/secret.ts";
import { placeStore, runStore, type StoreArgs } from "./store.ts";

export interface DocumentsArgs extends StoreArgs {
  config: Pick<CoreConfig, "documents" | "keepData">;
  plan: Pick<LabPlan, "ports" | "documentEngine">;
}

/** What a client inside the lab needs; the password is a secret and goes in as a file. */
export interface DocumentsConnection {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: pulumi.Output<string>;
}

/** The volume of each engine: none is ever given the files of another. */
const volumeOf: Readonly<Record<DocumentEngine, string>> = {
  ferretdb: "documents-data",
  mongodb: "documents-mongodb-data",
};

/** How each engine is told what it may take of the container's memory, which has to do for the rest of it as well. */
const memoryOf: Readonly<Record<DocumentEngine, (limitMB: number) => Record<string, string>>> = {
  // What Go's collector keeps to.
  ferretdb: (limitMB) => ({ GOMEMLIMIT: `${Math.floor(limitMB * 0.75)}MiB` }),
  // WiredTiger takes 0.25 GB at least; what it would take by itself is half of what there is beyond 1 GB.
  mongodb: (limitMB) => ({ DOCUMENTS_CACHE_GB: Math.max(0.25, (limitMB / 1024 - 1) / 2).toFixed(2) }),
};

/** A store that speaks MongoDB's protocol, with one user and a generated password. Created when it answers a ping. */
export class Documents extends pulumi.ComponentResource {
  readonly connection: DocumentsConnection;
  /** URL for clients on the operator's machine; a secret, since it has the password in it. */
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: DocumentsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("edgelab:stores:Documents", name, {}, opts);
    const { database, user, memoryMB } = args.config.documents;
    const password = new GeneratedSecret(`${name}-password`, { bytes: 24 }, { parent: this }).result;
    const place = placeStore(name, args, documentsPort);
    const { host, binding, published } = place;
    const service = runStore(
      name,
      args,
      place,
      {
        role: "documents",
        env: {
          DOCUMENTS_LISTEN: `${binding.listenAddress}:${binding.listenPort}`,
          DOCUMENTS_USER: user,
          DOCUMENTS_PASSWORD_FILE: secretPath("documents-password"),
          ...memoryOf[args.plan.documentEngine](memoryMB),
        },
        secrets: { "documents-password": password },
        memoryMB,
        data: "/var/lib/documents",
        volume: volumeOf[args.plan.documentEngine],
        healthy: "/usr/local/bin/documents-healthy",
      },
      this,
    );
    const peer = host.peerAddress(service.containerName);
    this.connection = { host: peer, port: documentsPort, database, user, password };
    const at = `${host.operatorAddress}:${published}`;
    this.url = pulumi.secret(
      pulumi.interpolate`mongodb://${user}:${password}@${at}/${database}?authSource=admin&directConnection=true`,
    );
    this.registerOutputs({ url: this.url });
  }
}
