import { z } from "zod";
import { kafkaTopicPattern } from "../../apps/common/topics.ts";
import { isNetwork } from "./subnet.ts";

export const hostName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,30}$/, "must be lower-case letters, digits and '-', 31 at most");
const address = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9.:-]{0,252}$/, "must be an address or a name such as 10.1.57.192");
const endpoint = {
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, "must be a user name")
    .optional(),
  port: z.number().int().min(1).max(65_535).default(22),
  /** Private key; `ssh.keyFile` when left out. */
  keyFile: z.string().min(1).optional(),
  /** `ssh-ed25519 AAAA…`, as in the host's /etc/ssh/ssh_host_ed25519_key.pub; taken at first sight when left out. */
  hostKey: z
    .string()
    .regex(/^(ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/]+=*( .*)?$/, "must be a public key, ssh-ed25519 AAAA…")
    .optional(),
};

/** One machine of `ssh.hosts`. */
export const hostEntry = z.strictObject({
  name: hostName,
  address,
  /** IPv4 address at which the lab's other hosts reach it; `address` when left out. */
  peerAddress: z.ipv4("must be an IPv4 address").optional(),
  ...endpoint,
  /** The name of another host of the list, or a machine that only passes connections on. */
  jump: z.union([hostName, z.strictObject({ address, ...endpoint })]).optional(),
  /** What the lab may count on; asked of the host when left out. */
  memoryMB: z.number().int().min(256).optional(),
  diskGB: z.number().int().min(1).optional(),
});
export type HostEntry = z.infer<typeof hostEntry>;

export const hostList = z.array(hostEntry).superRefine((entries, context) => {
  const names = entries.map(({ name }) => name);
  for (const [index, entry] of entries.entries()) {
    const complain = (key: string, message: string) =>
      context.addIssue({ code: "custom", path: [index, key], message });
    if (names.indexOf(entry.name) < index) complain("name", `${entry.name} is there twice`);
    if (typeof entry.jump !== "string") continue;
    const jump = entries.find(({ name }) => name === entry.jump);
    if (jump === undefined) complain("jump", `there is no host ${entry.jump}; there are ${names.join(", ")}`);
    else if (jump.jump !== undefined || jump === entry) {
      complain("jump", `${entry.jump} must be reached directly`);
    }
  }
});

/** Data of services, each as `<service>@<host>`. */
export const dataNames = z.array(
  z.string().regex(/^[a-z0-9][a-z0-9-]*@[a-z0-9][a-z0-9-]{0,30}$/, "must be service@host, as in kafka-1@vm2"),
);

/** Topics of Kafka. */
export const topicNames = z.array(z.string().regex(kafkaTopicPattern, "must be a topic's name"));

/** Some hosts, each once. */
export const hostNames = z
  .array(hostName)
  .min(1)
  .refine((names) => new Set(names).size === names.length, "must name each host once");

/** Hosts of some roles: a name or a list of names each. Which roles there are is the plan's to say. */
export const placementMap = z.record(z.string(), z.union([hostName.transform((name) => [name]), hostNames]));
export type PlacementMap = z.infer<typeof placementMap>;

export const portList = z.array(z.number().int().min(1).max(65_535));

/** Name servers of a subnet: as many as Neutron takes by default (max_dns_nameservers). */
export const nameServerList = z.array(z.ipv4("must be an IPv4 address such as 1.1.1.1")).max(5);

/** Any IPv4 network, with the address bits below the prefix being 0. */
export const cidrList = z.array(
  z.string().refine(isNetwork, "must be an IPv4 network such as 203.0.113.7/32 or 198.51.100.0/24"),
);
