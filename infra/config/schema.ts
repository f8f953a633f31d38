import { z } from "zod";
import { arrivalKinds } from "../../apps/classification/contract.ts";
import { cameraList, consumerList, passwordMap } from "../pipelines/video/config.ts";
import { cidrList, hostList, placementMap, portList } from "./hosts.ts";
import {
  choice,
  decimal,
  flag,
  folder,
  identifier,
  infos,
  integer,
  type KeyInfo,
  network,
  type Range,
  subnet,
  word,
  words,
  yaml,
} from "./kinds.ts";

const port: Range = { min: 1, max: 65_535 };

const top = {
  target: choice(
    ["local", "ssh", "openstack"],
    "local",
    "Where the lab runs: this machine's Docker, machines that you have (ssh.hosts), or VMs made on OpenStack",
  ),
  producers: integer({ min: 0, max: 64 }, 1, "Image producers, each with its own simulated devices"),
  keepData: flag(false, "Keep the data volumes when the lab is destroyed"),
  placement: yaml(
    placementMap,
    {},
    "Which hosts the services of each role run on",
    "a YAML map of role (brokers, database, inference, recorder, producers, cameras, savers, grayscale) to a host's name or a list of names, or empty for the lab's own choice",
  ),
};

const list = (what: string, example: string) => `a YAML list of ${what} such as ${example}, or empty`;

const groups = {
  ssh: {
    hosts: yaml(
      hostList,
      [],
      "Machines of the target ssh",
      "a YAML list of {name, address, …}, see the README, or empty",
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
  openstack: {
    image: word("CC-Ubuntu22.04", "Image of the VMs"),
    flavor: word("m1.medium", "Flavor of the VMs"),
    count: integer({ min: 1, max: 32 }, 4, "VMs, named <stack>-vm1 and so on"),
    externalNetwork: word("public", "Network that the router is connected to and floating IPs come from"),
    cidr: subnet("192.168.5.0/24", "Subnet of the VMs; vm1 has its address 11, vm2 12, …"),
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
      20,
      "Disk space in GB that the topics may take on all brokers",
    ),
  },
  kafka: {
    brokers: integer({ min: 1, max: 9 }, 3, "Kafka brokers; the first 1, 3 or 5 are the controller quorum"),
    replication: integer({ min: 1, max: 9 }, 3, "Replicas of every partition; at most kafka.brokers"),
    minInsync: integer({ min: 1, max: 9 }, 2, "Replicas that must have a write; at most kafka.replication"),
    heapMB: integer({ min: 256, max: 32_768 }, 384, "Java heap of a broker in MB"),
    memoryMB: integer(
      { min: 512, max: 65_536 },
      1024,
      "Memory limit of a broker in MB; at least 1.5 × heapMB",
    ),
    insidePort: integer(
      port,
      9092,
      "Port of brokers for the lab's services; the n-th broker of a host has this + n - 1",
    ),
    controllerPort: integer(
      port,
      29_093,
      "Port of controllers for each other; the n-th broker of a host has this + n - 1",
    ),
    outsidePort: integer(port, 29_092, "Published port of broker 0; broker i has this + i"),
    segmentMB: integer({ min: 16, max: 1024 }, 64, "Largest log segment in MB; Kafka deletes whole segments"),
    maxMessageKB: integer({ min: 256, max: 102_400 }, 1024, "Largest message in KB, headers included"),
  },
  postgres: {
    port: integer(port, 15_432, "Published port of PostgreSQL"),
    memoryMB: integer({ min: 256, max: 65_536 }, 512, "Memory limit of PostgreSQL in MB"),
    database: identifier("edgelab", "Database that the lab writes to"),
    user: identifier("edgelab", "Role that owns the database"),
  },
  classification: {
    enabled: flag(true, "Run the classification pipeline"),
    devices: integer({ min: 1, max: 10_000 }, 8, "Simulated devices of a producer"),
    rate: decimal(
      { min: 0.1, max: 5000 },
      10,
      "Images a second that a producer sends, all its devices together",
    ),
    arrivals: choice(arrivalKinds, "fixed", "Whether images come at equal intervals or at random (Poisson)"),
    classifiers: integer({ min: 1, max: 32 }, 1, "Classifier workers; at most classification.partitions"),
    partitions: integer({ min: 1, max: 128 }, 6, "Partitions of the images topic and of its results"),
    retentionHours: integer({ min: 1, max: 8760 }, 24, "Hours for which a message is kept"),
    retentionMB: integer({ min: 16, max: 1_048_576 }, 256, "MB kept of one partition, whatever its age"),
    classifierPort: integer(port, 8500, "Published port of classifier 1; classifier i has this + i - 1"),
    producerPort: integer(port, 9601, "Published port of producer 1; producer i has this + i - 1"),
    recorderPort: integer(port, 8700, "Published port of the recorder"),
    maxBatch: integer(
      { min: 1, max: 256 },
      32,
      "Images that a classifier takes at once when more are waiting",
    ),
    classifierMemoryMB: integer(
      { min: 256, max: 65_536 },
      768,
      "Memory limit of a classifier in MB; a larger model needs more",
    ),
    classifierCpus: decimal(
      { min: 0, max: 256 },
      0,
      "Processor cores that a classifier may use; 0 means no limit",
    ),
    model: folder("Folder with an ONNX model and its card.json"),
    dataset: folder("Folder with a data set in CIFAR-100's binary format, or its archive"),
    resultTimeoutMs: integer(
      { min: 100, max: 600_000 },
      10_000,
      "After this many ms a result counts as lost",
    ),
  },
  video: {
    enabled: flag(false, "Run the video pipeline"),
    cameras: yaml(
      cameraList,
      [],
      "Cameras, their topics and formats",
      "a YAML list of {name, url, topic, …}, see the README, or empty for the lab's own test camera",
    ),
    consumers: yaml(
      consumerList,
      [],
      "What becomes of the frames of each topic",
      "a YAML list of {name, topic, kind, …}, see the README, or empty",
    ),
    passwords: yaml(
      passwordMap,
      {},
      "Passwords of cameras, by camera; set it with --secret",
      "a YAML map of camera to password, or empty",
      { secret: true },
    ),
    fps: decimal({ min: 0.1, max: 240 }, 30, "Frames a second that a camera is asked for"),
    maxFrameKB: integer({ min: 8, max: 98_304 }, 100, "Largest frame in KB; larger ones are encoded anew"),
    partitions: integer({ min: 1, max: 128 }, 3, "Partitions of a topic of frames"),
    replication: integer({ min: 1, max: 9 }, 3, "Replicas of a topic of frames; at most kafka.brokers"),
    retentionHours: integer({ min: 1, max: 8760 }, 24, "Hours for which a frame is kept in Kafka"),
    retentionMB: integer({ min: 16, max: 1_048_576 }, 256, "MB kept of one partition, whatever its age"),
    truncateEvery: integer(
      { min: 0, max: 1_000_000 },
      0,
      "Every so many frames the test camera cuts one off, as a faulty camera does; 0 means never",
    ),
    outputFolder: folder("Host folder for frames and recordings; a volume for each consumer if empty"),
    cameraPort: integer(port, 9085, "Published port of the test camera"),
    producerPort: integer(port, 9650, "Published port of the producer of frames"),
    consumerPort: integer(port, 9660, "Published port of the first consumer; the others follow"),
    memoryMB: integer(
      { min: 256, max: 65_536 },
      768,
      "Memory limit of the producer and of each consumer in MB",
    ),
  },
  grayscale: {
    enabled: flag(false, "Run the grayscale pipeline"),
    file: folder("Video file on the host, read once; a short sample of the lab's own if empty"),
    pace: choice(
      ["own", "full"],
      "full",
      "Send the file's frames at its own rate, or as fast as Kafka takes them",
    ),
    steps: words(
      ["grayscale", "edges"],
      ["grayscale"],
      "What is done to the frames; each step takes the whole video",
    ),
    processors: integer({ min: 1, max: 32 }, 1, "Processors of a step, which share the video"),
    partitions: integer({ min: 1, max: 128 }, 6, "Partitions of the pipeline's topics"),
    retentionMB: integer({ min: 16, max: 1_048_576 }, 96, "MB kept of one partition"),
    maxFrameKB: integer({ min: 8, max: 98_304 }, 512, "Largest frame in KB, before and after a step"),
    outputFolder: folder("Host folder for output_video.avi", "output"),
    port: integer(port, 9700, "Published port of the writer; producer and processors follow"),
    sessionTimeoutMs: integer(
      { min: 6000, max: 1_800_000 },
      45_000,
      "A processor silent for this long loses its place",
    ),
    heartbeatMs: integer({ min: 100, max: 600_000 }, 3000, "How often a processor says that it lives, in ms"),
    maxPollMs: integer(
      { min: 1000, max: 86_400_000 },
      300_000,
      "Longest time for one batch of frames, in ms",
    ),
    memoryMB: integer({ min: 256, max: 65_536 }, 768, "Memory limit of each of its apps in MB"),
  },
};

/** The stack config. Every value comes in as text; unknown keys fail; what is left out has its default. */
export const labSchema = z
  .strictObject({
    ...top,
    ssh: z.strictObject(groups.ssh).readonly().prefault({}),
    openstack: z.strictObject(groups.openstack).readonly().prefault({}),
    network: z.strictObject(groups.network).readonly().prefault({}),
    ports: z.strictObject(groups.ports).readonly().prefault({}),
    disk: z.strictObject(groups.disk).readonly().prefault({}),
    kafka: z.strictObject(groups.kafka).readonly().prefault({}),
    postgres: z.strictObject(groups.postgres).readonly().prefault({}),
    classification: z.strictObject(groups.classification).readonly().prefault({}),
    video: z.strictObject(groups.video).readonly().prefault({}),
    grayscale: z.strictObject(groups.grayscale).readonly().prefault({}),
  })
  .readonly();

/** The stack config after parsing. MB and GB are binary: 1 GB = 1024 MB = 1024 × 1024 KB. */
export type LabConfig = z.output<typeof labSchema>;

type GroupName = keyof typeof groups;
type Dotted<G extends GroupName = GroupName> = {
  [N in G]: `${N}.${Extract<keyof (typeof groups)[N], string>}`;
}[G];
/** Name of a key as people write it, such as `producers` or `kafka.brokers`. */
export type KeyName = keyof typeof top | Dotted;

export const groupNames: ReadonlySet<string> = new Set(Object.keys(groups));

/** Every key by its dotted name, in the order of the schema. */
export const keys: ReadonlyMap<string, KeyInfo> = new Map([
  ...withInfo("", top),
  ...Object.entries(groups).flatMap(([group, shape]) => withInfo(`${group}.`, shape)),
]);

function withInfo(prefix: string, shape: Readonly<Record<string, z.ZodType>>): [string, KeyInfo][] {
  return Object.entries(shape).map(([name, schema]) => {
    const info = infos.get(schema);
    if (info === undefined) throw new Error(`config key ${prefix}${name} was not declared through leaf()`);
    return [`${prefix}${name}`, info];
  });
}

/** `kafka.brokers` → `{kafka: {brokers}}`, as the schema has it; keys that are no member stay where they are. */
export function grouped(values: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const members = new Map<string, Record<string, unknown>>();
  for (const [key, value] of values) {
    const group = key.slice(0, Math.max(0, key.indexOf(".")));
    if (groupNames.has(group)) {
      members.set(group, { ...members.get(group), [key.slice(group.length + 1)]: value });
    } else {
      result[key] = value;
    }
  }
  return { ...result, ...Object.fromEntries(members) };
}
