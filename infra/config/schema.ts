import { z } from "zod";
import { kafkaVersions, zookeeperKafka } from "../../lib/kafka-versions.ts";
import { commandList, secretMap } from "./commands.ts";
import { documentEngines } from "./found.ts";
import {
  cidrList,
  dataNames,
  hostList,
  nameServerList,
  placementMap,
  portList,
  topicNames,
} from "./hosts.ts";
import {
  choice,
  flag,
  folder,
  identifier,
  integer,
  network,
  type Range,
  subnet,
  word,
  yaml,
} from "./kinds.ts";

/** MB that may be kept of a partition. */
export const retention: Range = { min: 16, max: 1_048_576 };
/** Ports that a service may have. */
export const port: Range = { min: 1, max: 65_535 };

/** `all`, or names. Which pipelines there are is the list's to say. */
const pipelineNames = z.union([z.literal("all"), z.array(z.string()).readonly()]);

const top = {
  target: choice(
    ["local", "ssh", "openstack"],
    "local",
    "Where the lab runs: this machine's Docker, machines that you have (ssh.hosts), or VMs made on OpenStack",
  ),
  producers: integer({ min: 0, max: 64 }, 1, "Image producers, each with its own simulated devices"),
  pipelines: yaml(
    pipelineNames,
    [],
    "The pipelines that run, in place of what the `enabled` of each says",
    "all, a YAML list of pipelines such as [classification, video], or empty",
  ),
  keepData: flag(false, "Keep the data volumes when the lab is destroyed"),
  discardData: yaml(
    dataNames,
    [],
    "Data that may be lost with their host, or by another placement of their service",
    "a YAML list of service@host such as [kafka-1@vm2], or empty",
  ),
  discardTopics: yaml(
    topicNames,
    [],
    "Topics that may be deleted though they hold messages, once no pipeline has them any more",
    "a YAML list of topics such as [images, image-results], or empty",
  ),
  placement: yaml(
    placementMap,
    {},
    "Which hosts the services of each role run on",
    "a YAML map of role, or of pipeline and role (video-producer), to a host's name or a list of names, or empty for the lab's own choice",
  ),
};

const list = (what: string, example: string, empty = "") =>
  `a YAML list of ${what} such as ${example}, or empty${empty}`;

const groups = {
  ssh: {
    hosts: yaml(
      hostList,
      [],
      "Machines of the target ssh",
      "a YAML list of {name, address, …}, see docs/hosts.md, or empty",
    ),
    user: word("root", "User that logs in to hosts and may become root by sudo without a password"),
    keyFile: folder(
      "Private key for hosts and VMs, its public half beside it as .pub; the agent's keys if empty",
    ),
    prepare: flag(
      true,
      "Install Docker and raise sshd's limits on hosts; otherwise only look whether it is so",
    ),
    firewall: flag(
      true,
      "Close every port of a host but SSH, ssh.openPorts and those that the lab's hosts need",
    ),
    openPorts: yaml(
      portList,
      [],
      "TCP ports of hosts that stay open to everybody",
      list("ports", "[80, 443]"),
    ),
    waitSeconds: integer({ min: 5, max: 3600 }, 300, "Seconds within which a host must answer"),
    dataFolder: folder("Folder on hosts for what the lab writes to files", "/var/lib/edgelab-files"),
  },
  hosts: {
    commands: yaml(
      commandList,
      [],
      "Commands of your own on machines, run in order before any service",
      "a YAML list of {name, on, create, …}, see docs/hosts.md, or empty",
    ),
    secrets: yaml(
      secretMap,
      {},
      "Variables of those commands; set it with --secret",
      "a YAML map of NAME to a line of text, or empty",
      { secret: true },
    ),
  },
  openstack: {
    image: word("CC-Ubuntu22.04", "Image of the VMs"),
    flavor: word("m1.medium", "Flavor of the VMs"),
    count: integer({ min: 1, max: 32 }, 4, "VMs, named <stack>-vm1 and so on"),
    externalNetwork: word("public", "Network that the router is connected to and floating IPs come from"),
    cidr: subnet("192.168.5.0/24", "Subnet of the VMs; vm1 has its address 11, vm2 12, …"),
    dns: yaml(
      nameServerList,
      [],
      "Name servers of the VMs",
      list("IPv4 addresses", '["192.0.2.53"]', " for the cloud's own"),
    ),
    user: word("cc", "User of the image that logs in by key"),
    sshCidrs: yaml(
      cidrList,
      [],
      "Networks from which SSH is let in",
      list("IPv4 networks", '["203.0.113.7/32"]'),
    ),
    memoryMB: integer({ min: 512, max: 4_194_304 }, 3900, "Memory of a VM in MB, which placement counts on"),
    diskGB: integer({ min: 5, max: 1_000_000 }, 40, "Disk of a VM in GB, which placement counts on"),
    dataVolumeGB: integer({ min: 0, max: 100_000 }, 0, "Size of a volume for each VM's data; 0 makes none"),
    reservation: word("", "Id of a Chameleon reservation", "none"),
    availabilityZone: word("", "Availability zone of the VMs", "the cloud's choice"),
    floatingIp: word("", "A floating IP that the project has already", "a new one"),
    antiAffinity: choice(
      ["soft-anti-affinity", "anti-affinity"],
      "soft-anti-affinity",
      "Whether VMs should or must be on different machines of the cloud",
    ),
    bareMetal: flag(false, "Bare metal has no security groups; the hosts' own firewall is all there is"),
  },
  network: {
    cidr: network("Subnet of the lab's Docker network"),
    capacityMbps: integer(
      { min: 1, max: 1_000_000 },
      1000,
      "What the lab's network carries, megabits a second",
    ),
  },
  ports: {
    offset: integer(
      { min: 0, max: 20_000 },
      0,
      "Added to every published port, so that labs can run side by side",
    ),
  },
  disk: {
    budgetGB: integer(
      { min: 1, max: 1_000_000 },
      30,
      "Disk space in GB that topics on all brokers and images in PostgreSQL may take",
    ),
  },
  kafka: {
    mode: choice(
      ["kraft", "zookeeper"],
      "kraft",
      "What coordinates the brokers: a quorum of Kafka's own controllers, or a ZooKeeper ensemble",
    ),
    version: choice(
      kafkaVersions,
      kafkaVersions[0],
      `Kafka's version; ZooKeeper needs ${zookeeperKafka}, the last one that can do with it`,
    ),
    brokers: integer({ min: 1, max: 9 }, 3, "Kafka brokers, ids from 0"),
    controllers: choice(
      ["combined", "1", "3", "5"],
      "combined",
      "The quorum of KRaft: the first 1, 3 or 5 brokers are controllers as well, or so many nodes are nothing else",
    ),
    replication: integer({ min: 1, max: 9 }, 3, "Replicas of every partition; at most kafka.brokers"),
    minInsync: integer({ min: 1, max: 9 }, 2, "Replicas that must have a write; at most kafka.replication"),
    heapMB: integer({ min: 256, max: 32_768 }, 384, "Java heap of a broker in MB"),
    memoryMB: integer(
      { min: 512, max: 65_536 },
      1024,
      "Memory limit of a broker in MB; at least 1.5 × heapMB",
    ),
    controllerHeapMB: integer(
      { min: 128, max: 32_768 },
      192,
      "Java heap of a controller that is no broker in MB",
    ),
    controllerMemoryMB: integer(
      { min: 256, max: 65_536 },
      448,
      "Memory limit of such a controller in MB; at least 1.5 × controllerHeapMB",
    ),
    insidePort: integer(
      port,
      9092,
      "Port of brokers for the lab's services; the n-th broker of a host has this + n - 1",
    ),
    controllerPort: integer(
      port,
      29_093,
      "Port of controllers for each other and for brokers; the n-th of a host has this + n - 1",
    ),
    outsidePort: integer(port, 29_092, "Published port of broker 0; broker i has this + i"),
    segmentMB: integer({ min: 16, max: 1024 }, 64, "Largest log segment in MB; Kafka deletes whole segments"),
    flush: choice(
      ["off", "interval", "message"],
      "off",
      "When brokers write to disk what they took: when the system does, every kafka.flushSeconds, or before each acknowledgement",
    ),
    flushSeconds: integer(
      { min: 1, max: 3600 },
      5,
      "Seconds between two writes where kafka.flush is interval",
    ),
    maxMessageKB: integer({ min: 256, max: 102_400 }, 1024, "Largest message in KB, headers included"),
    moveMBps: integer(
      { min: 1, max: 10_000 },
      20,
      "MB a second that a broker may send or take while partitions move to other brokers",
    ),
    ui: choice(
      ["auto", "on", "off"],
      "auto",
      "Kafka UI, which shows topics, messages and groups; auto: where set-up could pull its image",
    ),
    uiPort: integer(port, 8080, "Published port of Kafka UI"),
    uiMemoryMB: integer({ min: 384, max: 65_536 }, 512, "Memory limit of Kafka UI in MB"),
    uiUser: identifier("edgelab", "User who logs in to Kafka UI"),
  },
  zookeeper: {
    nodes: integer(
      { min: 1, max: 5 },
      3,
      "Nodes of the ZooKeeper ensemble where kafka.mode is zookeeper; an odd number",
    ),
    heapMB: integer({ min: 64, max: 16_384 }, 128, "Java heap of a ZooKeeper node in MB"),
    memoryMB: integer(
      { min: 192, max: 32_768 },
      320,
      "Memory limit of a ZooKeeper node in MB; at least 1.5 × heapMB",
    ),
    maxClients: integer(
      { min: 1, max: 10_000 },
      60,
      "Connections that a ZooKeeper node takes of one address",
    ),
    clientPort: integer(
      port,
      2181,
      "Port of ZooKeeper for brokers; the n-th node of a host has this + n - 1",
    ),
    peerPort: integer(
      port,
      2888,
      "Port of ZooKeeper nodes for what their leader tells; the n-th of a host has this + n - 1",
    ),
    electionPort: integer(
      port,
      3888,
      "Port of ZooKeeper nodes for elections; the n-th of a host has this + n - 1",
    ),
    adminPort: integer(
      port,
      9090,
      "Published port of the admin server of ZooKeeper node 1; the others follow",
    ),
  },
  postgres: {
    port: integer(port, 15_432, "Published port of PostgreSQL"),
    memoryMB: integer({ min: 256, max: 65_536 }, 512, "Memory limit of PostgreSQL in MB"),
    database: identifier("edgelab", "Database that the lab writes to"),
    user: identifier("edgelab", "Role that owns the database"),
  },
  documents: {
    engine: choice(
      ["auto", ...documentEngines],
      "auto",
      "What the document store is; auto: what its data are in, else MongoDB where set-up could pull its image, else FerretDB",
    ),
    port: integer(port, 17_017, "Published port of the document store"),
    memoryMB: integer(
      { min: 128, max: 65_536 },
      512,
      "Memory limit of the document store in MB; at least 512 for MongoDB",
    ),
    database: identifier("edgelab", "Database of the document store that the lab writes to"),
    user: identifier("edgelab", "User of the document store, and of mongo-express"),
    ui: flag(true, "Run mongo-express, which shows the documents, where there is a document store"),
    uiPort: integer(port, 8081, "Published port of mongo-express"),
    uiMemoryMB: integer({ min: 128, max: 65_536 }, 192, "Memory limit of mongo-express in MB"),
  },
  mqtt: {
    port: integer(port, 1883, "Published port of the MQTT broker"),
    memoryMB: integer({ min: 64, max: 65_536 }, 128, "Memory limit of the MQTT broker in MB"),
    user: identifier("edgelab", "Your own user of the MQTT broker, who may read and write every topic"),
  },
};

/** The keys that are no pipeline's: one by one, and in groups. */
export const coreKeys = { top, groups };

/** A group of keys; each is declared by one of kinds.ts. */
export type Keys = Readonly<Record<string, z.ZodType>>;
/** What a group of keys says after parsing. */
export type Settings<G extends Keys> = { readonly [K in keyof G]: z.output<G[K]> };

/** The stack config but for what pipelines have of their own. MB and GB are binary: 1 GB = 1024 MB = 1024 × 1024 KB. */
export type CoreConfig = Settings<typeof top> & {
  readonly [G in keyof typeof groups]: Settings<(typeof groups)[G]>;
};

type Dotted<N extends string, G extends Keys> = `${N}.${Extract<keyof G, string>}`;
/** Name of a key as people write it, such as `producers` or `kafka.brokers`. */
export type CoreKey =
  | keyof typeof top
  | { [N in keyof typeof groups]: Dotted<N, (typeof groups)[N]> }[keyof typeof groups];
/** Keys that a pipeline's plan and rules may name: the core's and its own. */
export type KeyOf<N extends string, G extends Keys> = CoreKey | Dotted<N, G>;
