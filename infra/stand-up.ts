import type { CoreConfig } from "./config/schema.ts";
import { LabImages } from "./containers/images.ts";
import type { LabHosts } from "./hosts/host.ts";
import { labHosts } from "./hosts/hosts.ts";
import { Cluster } from "./kafka/cluster.ts";
import type { Lab } from "./lab.ts";
import { forwardsByHost, hostTable } from "./outputs.ts";
import { RunningPipeline } from "./pipelines/running.ts";
import type { LabPlan } from "./plan/lab.ts";
import type { Outputs } from "./plan/parts.ts";
import { placementsOf } from "./plan/placement.ts";
import { coreStageCount, startStages } from "./plan/stages.ts";
import { Spread } from "./resources/spread.ts";
import { TopicKeeper } from "./resources/topic-keeper.ts";
import { standUpStores, storeOutputs } from "./stores/stores.ts";

export interface LabArgs {
  lab: Lab;
  config: CoreConfig;
  plan: LabPlan;
  /** Root of the checkout. */
  root: string;
}

/**
 * Makes a planned lab so: machines, images, Kafka, stores and pipelines, in the order in which they need each other.
 *
 * @returns the stack outputs, of what there is
 */
export function standUp({ lab, config, plan, root }: LabArgs): Outputs {
  const hosts: LabHosts = labHosts({ lab, config, plan, root });
  const images = new LabImages("images", { lab, builder: hosts.builder, plan: plan.images, root });
  const cluster = new Cluster("kafka", { lab, hosts, images, config, plan });
  const stores = standUpStores({ lab, hosts, images, config, plan });
  const { keepData } = config;
  const running = plan.pipelines.map(
    (pipeline) =>
      new RunningPipeline(pipeline.name, {
        lab,
        hosts,
        images,
        cluster,
        stores,
        plan,
        pipeline,
        keepData,
        root,
      }),
  );
  const reach = {
    bootstrapServers: [...cluster.bootstrap.outside],
    ...(cluster.access.length === 0 ? {} : { access: [...cluster.access] }),
  };
  new TopicKeeper("topics", {
    ...reach,
    topics: plan.topics.map(({ name }) => name),
    discard: [...config.discardTopics],
    kept: keepData,
  });
  new Spread(
    "replicas",
    { ...reach, brokers: [...cluster.places], megabytesPerSecond: config.kafka.moveMBps },
    // A topic that came later would have replicas on a broker that is about to go.
    { dependsOn: [...cluster.brokers, ...running.flatMap(({ topics }) => topics)] },
  );
  return {
    lab: lab.id,
    bootstrapServers: cluster.outsideServers.join(","),
    kafka: { mode: config.kafka.mode, version: config.kafka.version },
    standing: plan.standing,
    ...(cluster.zookeepers.length === 0 ? {} : { zookeepers: cluster.zookeepers }),
    ...storeOutputs(stores, plan),
    topics: plan.topics.map(({ name }) => name),
    ...Object.assign({}, ...running.map(({ outputs }) => outputs)),
    hosts: hostTable(plan, hosts),
    placement: Object.fromEntries(placementsOf(plan)),
    ...(config.target === "local"
      ? {}
      : { slots: Object.fromEntries(plan.services.map(({ name, slot }) => [name, slot])) }),
    consumers: plan.services.flatMap(({ name: service, uses }) =>
      (uses.reads ?? []).map((read) => ({ service, ...read })),
    ),
    startOrder: startStages(plan.services),
    coreStages: coreStageCount(plan.services),
    forwards: forwardsByHost(hosts),
    watched: running.flatMap(({ watched }) => watched),
    hints: running.flatMap(({ hints }) => hints),
    excerpts: plan.pipelines.flatMap(({ plan: { excerpt } }) => (excerpt === undefined ? [] : [excerpt])),
    probes: plan.pipelines.flatMap(({ plan: { probes = [] } }) => probes),
  };
}
