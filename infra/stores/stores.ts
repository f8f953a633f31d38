import type { CoreConfig } from "../config/schema.ts";
import type { LabImages } from "../containers/images.ts";
import type { LabHosts } from "../hosts/host.ts";
import type { Lab } from "../lab.ts";
import type { LabPlan } from "../plan/lab.ts";
import type { Outputs, StoreName } from "../plan/parts.ts";
import { Documents } from "./documents.ts";
import { Mqtt } from "./mqtt.ts";
import { Postgres } from "./postgres.ts";

/** The stores of a lab: those that something uses. */
export interface Stores {
  readonly postgres?: Postgres;
  readonly documents?: Documents;
  readonly mqtt?: Mqtt;
}

export interface StoresArgs {
  lab: Lab;
  hosts: LabHosts;
  images: LabImages;
  config: CoreConfig;
  plan: LabPlan;
}

/** Makes the planned stores so. */
export function standUpStores({ images, ...args }: StoresArgs): Stores {
  const planned = (name: StoreName) => {
    const service = args.plan.services.find((one) => one.name === name);
    return service === undefined ? undefined : { ...args, image: images.of(service.image) };
  };
  const [postgres, documents, mqtt] = [planned("postgres"), planned("documents"), planned("mqtt")];
  return {
    ...(postgres === undefined ? {} : { postgres: new Postgres("postgres", postgres) }),
    ...(documents === undefined ? {} : { documents: new Documents("documents", documents) }),
    ...(mqtt === undefined ? {} : { mqtt: new Mqtt("mqtt", mqtt) }),
  };
}

/** Stack outputs of the stores there are. */
export function storeOutputs({ postgres, documents, mqtt }: Stores, { documentEngine }: LabPlan): Outputs {
  return {
    ...(postgres === undefined ? {} : { postgresUrl: postgres.url }),
    ...(documents === undefined ? {} : { documentsUrl: documents.url, documentsEngine: documentEngine }),
    ...(mqtt === undefined ? {} : { mqttUrl: mqtt.url }),
  };
}
