import * as pulumi from "@pulumi/pulumi";
import { topicSettings } from "../../apps/common/topics.ts";
import type { Hint, WatchedCounter } from "../../lib/shown.ts";
import { checkTimes, type HealthCheck } from "../containers/health-check.ts";
import type { LabImages } from "../containers/images.ts";
import { Service } from "../containers/service.ts";
import type { LabHosts } from "../hosts/host.ts";
import type { Cluster } from "../kafka/cluster.ts";
import type { Lab } from "../lab.ts";
import type { LabPlan } from "../plan/lab.ts";
import { startOrder } from "../plan/order.ts";
import { type Outputs, storesOf, type Urls, type Uses } from "../plan/parts.ts";
import type { PipelinePart } from "../plan/services.ts";
import { type PlannedTopic, topicsOf } from "../plan/topics.ts";
import { GeneratedSecret } from "../resources/secret.ts";
import { Topic } from "../resources/topic.ts";
import type { Stores } from "../stores/stores.ts";
import { type BoundService, bindServices, storeSecrets, wiringOf } from "./bound.ts";
import { mountFile } from "./files.ts";

export interface RunningPipelineArgs {
  lab: Lab;
  hosts: LabHosts;
  images: LabImages;
  cluster: Cluster;
  stores: Stores;
  plan: LabPlan;
  pipeline: PipelinePart;
  /** Leave its volumes and topics when they are not in the program any more. */
  keepData: boolean;
  /** Root of the checkout, which files are relative to where the lab is on this machine. */
  root: string;
}

/** Every app leaves word of its health in a file, and every app image has what reads it (images/node/healthy). */
const appHealth: HealthCheck = { command: ["/usr/local/bin/healthy"], ...checkTimes, waitSeconds: 180 };
const stopSeconds = 30;

interface Login {
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
  readonly url: pulumi.Output<string>;
}

/** A planned pipeline, running: its topics, and each of its services once what it uses is there. */
export class RunningPipeline extends pulumi.ComponentResource {
  /** Stack outputs of its own. */
  readonly outputs: Outputs;
  readonly topics: readonly Topic[];
  readonly watched: readonly WatchedCounter[];
  readonly hints: readonly Hint[];
  /** Absolute paths of folders of hosts, by their resources' names. */
  readonly #folders = new Map<string, string>();

  constructor(name: string, args: RunningPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("edgelab:pipelines:Pipeline", name, {}, opts);
    const { pipeline, plan } = args;
    const topics = new Map(
      plan.topics
        .filter((topic) => topic.pipeline === pipeline.name)
        .map((topic) => [topic.name, this.#topic(topic, args)]),
    );
    this.topics = [...topics.values()];
    const bound = bindServices(pipeline.name, args);
    const byName = new Map(bound.map((one) => [one.service.name, one]));
    const logins = this.#logins(bound);
    const running = new Map<string, Service>();
    for (const { name: service } of startOrder(bound.map((one) => one.service))) {
      running.set(
        service,
        this.#service(planned(byName, service), args, { byName, topics, running, logins }),
      );
    }
    this.watched = bound.flatMap(({ service, plan: { flows, leastPerSecond }, url }) =>
      flows === undefined
        ? []
        : [
            {
              service: service.name,
              role: service.role,
              url: `${url}/metrics`,
              counter: flows,
              ...(leastPerSecond === undefined ? {} : { leastPerSecond }),
            },
          ],
    );
    const at: Urls = {
      url: (service) => planned(byName, service).url,
      login: (service) => planned(logins, service).url,
      folder: (folder) => planned(this.#folders, folder),
    };
    this.outputs = pipeline.plan.outputs?.(at) ?? {};
    this.hints = pipeline.plan.hints?.(at) ?? [];
    this.registerOutputs(this.outputs);
  }

  #topic(topic: PlannedTopic, { cluster, keepData }: RunningPipelineArgs): Topic {
    return new Topic(
      `topic-${topic.name}`,
      {
        bootstrapServers: [...cluster.bootstrap.outside],
        ...(cluster.access.length === 0 ? {} : { access: [...cluster.access] }),
        name: topic.name,
        partitions: topic.partitions,
        replication: topic.replication,
        config: {
          ...topicSettings(topic, topic.segmentBytes),
          ...cluster.topicDefaults,
          "min.insync.replicas": String(topic.minInsync),
        },
      },
      {
        parent: this,
        dependsOn: [...cluster.brokers],
        retainOnDelete: keepData,
        // With the brokers go their topics; asking brokers that are being removed to delete them could hang.
        ...(cluster.brokers[0] === undefined ? {} : { deletedWith: cluster.brokers[0].container }),
      },
    );
  }

  /** Of the services that somebody logs in to: the password as their own secret, and the URL with it, by their names. */
  #logins(bound: readonly BoundService[]): ReadonlyMap<string, Login> {
    return new Map(
      bound.flatMap(({ service: { name }, plan: { login }, url }) => {
        if (login === undefined) return [];
        const { user, file } = login;
        const password = new GeneratedSecret(`${name}-password`, { bytes: 24 }, { parent: this }).result;
        const at = url.replace("http://", "");
        return [
          [
            name,
            {
              secrets: { [file]: password },
              url: pulumi.secret(pulumi.interpolate`http://${user}:${password}@${at}`),
            },
          ],
        ];
      }),
    );
  }

  #service(
    bound: BoundService,
    args: RunningPipelineArgs,
    around: {
      readonly byName: ReadonlyMap<string, BoundService>;
      readonly topics: ReadonlyMap<string, Topic>;
      readonly running: ReadonlyMap<string, Service>;
      readonly logins: ReadonlyMap<string, Login>;
    },
  ): Service {
    const { lab, images, cluster, pipeline } = args;
    const { service, plan, host, binding } = bound;
    const { uses } = service;
    const stores = usedStores(uses, args.stores);
    const files = (plan.files ?? []).map((file) =>
      mountFile(file, { ...args, host, pipeline: pipeline.name }, this),
    );
    for (const { folder } of files) if (folder !== undefined) this.#folders.set(folder.name, folder.path);
    return new Service(
      service.name,
      {
        lab,
        host,
        pipeline: pipeline.name,
        role: service.role,
        image: images.of(service.image),
        env: plan.env(wiringOf(bound, { cluster, stores, peers: around.byName })),
        secrets: {
          ...plan.secrets,
          ...around.logins.get(service.name)?.secrets,
          ...storeSecrets(service, stores),
        },
        bindings: [binding],
        volumes: files.map(({ mount }) => mount),
        user: files.find(({ user }) => user !== undefined)?.user,
        health: appHealth,
        memoryMB: plan.memory.MB,
        ...(plan.cpus === undefined ? {} : { cpus: plan.cpus }),
        stopSeconds,
      },
      {
        parent: this,
        dependsOn: [
          ...[...topicsOf(uses)].map((topic) => planned(around.topics, topic)),
          ...(uses.services ?? []).map((used) => planned(around.running, used)),
          ...(uses.kafka === undefined ? [] : cluster.brokers),
          ...Object.values(stores),
          ...files.flatMap(({ after }) => after ?? []),
        ],
      },
    );
  }
}

/** Of the stores those that a service uses. */
function usedStores(uses: Uses, stores: Stores): Stores {
  const used = storesOf(uses);
  return Object.fromEntries(Object.entries(stores).filter(([name]) => used.some((one) => one === name)));
}

/** @throws when a plan names what it does not have */
function planned<T>(parts: ReadonlyMap<string, T>, name: string): T {
  const part = parts.get(name);
  if (part === undefined) throw new Error(`${name} is not part of the pipeline's plan`);
  return part;
}
