import type { TopicDefinition } from "../../apps/common/topics.ts";
import type { Probe } from "../../lib/probe.ts";
import type { Hint } from "../../lib/shown.ts";
import type { ImagePlan } from "./images.ts";

/** A memory limit. */
export interface Memory<K extends string = string> {
  readonly MB: number;
  /** The key that sets it; undefined where none does. */
  readonly key?: K;
  /** What the key may be lowered to. */
  readonly least: number;
}

/** What runs in the lab for whichever pipeline uses it. */
export const storeNames = ["postgres", "documents", "mqtt"] as const;
export type StoreName = (typeof storeNames)[number];

/** What a service uses: start order, dependencies, firewall rows and security groups follow from it. */
export interface Uses {
  /** Topics, each with the consumer group that reads it. Who reads a topic may write its dead letters. */
  readonly reads?: readonly Read[];
  readonly writes?: readonly string[];
  /** Whatever there is in Kafka, by no topic's name. */
  readonly kafka?: "all";
  readonly stores?: readonly Exclude<StoreName, "mqtt">[];
  /** Topic filters of the MQTT broker, which lets it do nothing else. Services of one role have one user there. */
  readonly mqtt?: MqttRights;
  /** Services that must be up before; where one of them `offers` a port, it is reached there. */
  readonly services?: readonly string[];
}

export interface Read {
  readonly topic: string;
  readonly group: string;
  /** The one partition that it reads, where it passes over all others. */
  readonly partition?: number;
}

/** Filters of topics that a user of the MQTT broker may subscribe to and publish to. */
export interface MqttRights {
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
}

/** The stores that a service uses, the MQTT broker among them. */
export function storesOf({ stores = [], mqtt }: Uses): readonly StoreName[] {
  return mqtt === undefined ? stores : [...stores, "mqtt"];
}

/** Something of the host's that a service has at `path`. */
export type FilePlan<K extends string = string> =
  /** A volume of its own, named as it is here. */
  | { readonly kind: "volume"; readonly name: string; readonly path: string }
  /** A folder of the host that it writes to, made when it is not there; `name` is that of the resource. */
  | {
      readonly kind: "folder";
      readonly name: string;
      readonly folder: string;
      readonly path: string;
      /** The key that it comes from, where that may be empty. */
      readonly key?: K;
    }
  /** A file of the host that it reads, and the key that names it. */
  | { readonly kind: "file"; readonly file: string; readonly key: K; readonly path: string };

/** What a service is told of the lab around it. */
export interface Wiring {
  /** `host:port` of every broker. */
  readonly bootstrapServers: string[];
  /** Where its own HTTP side listens. */
  readonly http: { readonly HTTP_HOST: string; readonly HTTP_PORT: number };
  /** Where its PostgreSQL is, as every client of it has it. @throws when it does not use it */
  postgres(): PostgresVariables;
  /** The same for the document store. @throws when it does not use it */
  documents(): DocumentsVariables;
  /** The same for the MQTT broker, with its own user. @throws when it does not use it */
  mqtt(): MqttVariables;
  /** `host:port` at which a service that it uses offers its port. @throws when it does not use it */
  peer(service: string): string;
  /** Path of the file that a secret of its own is in. */
  secret(name: string): string;
}

export interface PostgresVariables {
  readonly POSTGRES_HOST: string;
  readonly POSTGRES_PORT: number;
  readonly POSTGRES_DB: string;
  readonly POSTGRES_USER: string;
  readonly POSTGRES_PASSWORD_FILE: string;
}

export interface DocumentsVariables {
  readonly DOCUMENTS_HOST: string;
  readonly DOCUMENTS_PORT: number;
  readonly DOCUMENTS_DB: string;
  readonly DOCUMENTS_USER: string;
  readonly DOCUMENTS_PASSWORD_FILE: string;
}

export interface MqttVariables {
  readonly MQTT_HOST: string;
  readonly MQTT_PORT: number;
  readonly MQTT_USER: string;
  readonly MQTT_PASSWORD_FILE: string;
}

/** A container of a pipeline. */
export interface ServicePlan<K extends string = string> {
  /** Name as in the container's, without `edgelab-<stack>-`; it starts with the pipeline's name. */
  readonly name: string;
  /** What it does, in one word: the same for placement, labels and dashboard. */
  readonly role: string;
  readonly image: ImagePlan;
  readonly memory: Memory<K>;
  /** Processor cores that it may use; all of them when left out. */
  readonly cpus?: number;
  /** Its HTTP side for the operator: services of one key have one port after the other, from `port` on. */
  readonly http: { readonly port: number; readonly key: K };
  /** The port that it offers to services of the lab, which then is that of its HTTP side. */
  readonly offers?: number;
  /** The service whose host it shares, unless `placement` says otherwise. */
  readonly beside?: string;
  /** The key by which it got its name, where that is the user's. */
  readonly namedBy?: K;
  readonly uses: Uses;
  /** The counter of its `/metrics` that must grow before the lab counts as up. */
  readonly flows?: string;
  /** How fast it must grow, a second, or `./scripts/health` is red; left out where its source is not always there. */
  readonly leastPerSecond?: number;
  /** Name → content; see {@link Wiring.secret}. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Who may log in to its HTTP side: a password is generated, and is a secret of it under the name `file`. */
  readonly login?: { readonly user: string; readonly file: string };
  readonly files?: readonly FilePlan<K>[];
  /** Its environment, from the schema of its app. */
  env(at: Wiring): Record<string, string>;
}

/** A topic as config sizes it; a dead-letter topic comes with it. */
export interface TopicPlan<K extends string = string> extends TopicDefinition {
  readonly replication: number;
  readonly minInsync: number;
  /** The key that sets how much is kept of a partition, and its value. */
  readonly retention: { readonly key: K; readonly MB: number };
  /** Whether its largest message is whatever `kafka.maxMessageKB` leaves room for. */
  readonly takesAnyMessage?: boolean;
  /** What is written to it at most, bytes a second; left out when nothing is known of it. */
  readonly bytesPerSecond?: number;
  /** Set where that comes at a rate of its own and cannot wait: the network must carry it. */
  readonly live?: Live<K>;
  /** The key by which it got its name, where that is the user's. */
  readonly namedBy?: K;
}

/** Tables of the database that have what came in some time and no longer. */
export interface TablesPlan<K extends string = string> {
  /** For people: `images, results`. */
  readonly told: string;
  /** The key that says for how long, its value, and what it may be lowered to. */
  readonly kept: { readonly key: K; readonly value: number; readonly least: number };
  /** What they may come to take, indexes included. */
  readonly bytes: number;
}

/** What a live topic's messages come from. */
export interface Live<K extends string = string> {
  /** For people: `gate 30/s × 100 KB`. */
  readonly told: string;
  /** What makes them fewer. */
  readonly lowered: { readonly key: K; readonly value: string };
}

/** Where the operator finds what a pipeline has. */
export interface Urls {
  /** Base URL of a service's HTTP side. @throws when it is not one of the pipeline's */
  url(service: string): string;
  /** The same with user and password of its `login`, a secret. @throws when it has none */
  login(service: string): unknown;
  /** Absolute path of a folder of the host, by its resource's name. @throws when there is none */
  folder(name: string): string;
}

/** Stack outputs. */
export type Outputs = Readonly<Record<string, unknown>>;

/** All that a pipeline consists of. */
export interface PipelinePlan<K extends string = string> {
  readonly topics: readonly TopicPlan<K>[];
  readonly services: readonly ServicePlan<K>[];
  readonly tables?: readonly TablesPlan<K>[];
  outputs?(at: Urls): Outputs;
  hints?(at: Urls): readonly Hint[];
  /** A query of the database whose few rows show, when the lab is up, what the pipeline does. */
  readonly excerpt?: string;
  /** How it is drilled, a probe for each topic that something is sent to from outside. */
  readonly probes?: readonly Probe[];
}
