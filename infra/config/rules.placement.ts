import { GB, totalBytes } from "../plan/capacity.ts";
import { peerClashes } from "../plan/peers.ts";
import { hostNeeds, plannedHosts } from "../plan/placement.ts";
import { formatCidr, masked, readCidr } from "./cidr.ts";
import { type Change, type Clash, change, type Rule } from "./clash.ts";
import type { Role } from "./hosts.ts";
import type { KeyName, LabConfig } from "./schema.ts";

/** What one broker's share of all topics may take on disk, GB. */
export function brokerGB(config: LabConfig): number {
  return totalBytes(config) / GB / config.kafka.brokers;
}

/** The number of the first VM's address within its subnet; those below are the gateway's, DHCP's and the cloud's. */
export const firstVmAddress = 11;

export const targetHasHosts: Rule = (config) => {
  const { target, ssh, openstack } = config;
  const clashes: Clash[] = [];
  if (target === "ssh" && ssh.hosts.length === 0) {
    clashes.push({
      key: "ssh.hosts",
      reason: "must name the machines that the lab runs on, as the target is ssh",
      changes: [change("ssh.hosts", '[{"name":"edge1","address":"10.0.0.11"}]'), change("target", "local")],
    });
  }
  if (target === "openstack" && openstack.sshCidrs.length === 0) {
    clashes.push({
      key: "openstack.sshCidrs",
      reason: "must say from which networks SSH is let in, your own address for one: nothing else is open",
      changes: [change("openstack.sshCidrs", '["203.0.113.7/32"]')],
    });
  }
  if (target === "openstack" && ssh.keyFile === "") {
    clashes.push({
      key: "ssh.keyFile",
      reason: "must name the private key whose public half, beside it as .pub, the VMs let in",
      changes: [change("ssh.keyFile", "~/.ssh/id_ed25519")],
    });
  }
  return clashes;
};

export const subnetHasRoom: Rule = ({ target, openstack: { cidr, count } }) => {
  const given = readCidr(cidr);
  if (target !== "openstack" || given === undefined) return [];
  const last = firstVmAddress + count - 1;
  if (last < 2 ** (32 - given.prefix) - 1) return [];
  const prefix = 31 - Math.ceil(Math.log2(last + 2)) + 1;
  return [
    {
      key: "openstack.cidr",
      reason: `has no room for ${count} VMs, the last of which would have its address ${last}`,
      changes: [change("openstack.cidr", formatCidr(masked({ address: given.address, prefix })))],
    },
  ];
};

export const placementNamesHosts: Rule = (config) => {
  const hosts = new Set(plannedHosts(config).map(({ name }) => name));
  if (hosts.size === 0) return [];
  const wrong = Object.entries(config.placement).flatMap(([role, names]) =>
    names.filter((name) => !hosts.has(name)).map((name) => `${role}: ${name}`),
  );
  if (wrong.length === 0) return [];
  return [
    {
      key: "placement",
      reason: `names hosts that are not there (${wrong.join(", ")}); there are ${[...hosts].join(", ")}`,
      changes: [change("placement", "")],
    },
  ];
};

/** Services of a host with a network of its own cannot clash. */
export const peerPortsAreDistinct: Rule = (config) => (config.target === "local" ? [] : peerClashes(config));

/** Paths on other machines cannot be relative to this checkout. */
export const filesAreOnHosts: Rule = ({ target, grayscale, ssh }) => {
  if (target === "local") return [];
  const clashes: Clash[] = [];
  if (grayscale.enabled && grayscale.file !== "" && !grayscale.file.startsWith("/")) {
    clashes.push({
      key: "grayscale.file",
      reason: "must be an absolute path on the host of the producer, as that is another machine",
      changes: [change("grayscale.file", "")],
    });
  }
  if (!ssh.dataFolder.startsWith("/")) {
    clashes.push({
      key: "ssh.dataFolder",
      reason: "must be an absolute path on hosts",
      changes: [change("ssh.dataFolder", "/var/lib/edgelab-files")],
    });
  }
  return clashes;
};

/** The limit of a role's services, and the least that it may be. */
const memoryKeys: Partial<Record<Role, { key: KeyName; least: (config: LabConfig) => number }>> = {
  brokers: { key: "kafka.memoryMB", least: ({ kafka }) => Math.max(512, Math.ceil(kafka.heapMB * 1.5)) },
  database: { key: "postgres.memoryMB", least: () => 256 },
  inference: { key: "classification.classifierMemoryMB", least: () => 256 },
  cameras: { key: "video.memoryMB", least: () => 256 },
  savers: { key: "video.memoryMB", least: () => 256 },
  grayscale: { key: "grayscale.memoryMB", least: () => 256 },
};

/** Limits of a host's services, which together must fit it; a host that config gives no size is asked later. */
export const hostsHaveRoom: Rule = (config) => {
  const hosts = new Map(plannedHosts(config).map((host) => [host.name, host]));
  return hostNeeds(config, brokerGB(config)).flatMap((need): Clash[] => {
    const host = hosts.get(need.name);
    const list = need.services.map(({ name, memoryMB }) => `${name} ${memoryMB}`).join(", ");
    const clashes: Clash[] = [];
    if (host?.memoryMB !== undefined && need.memoryMB > host.memoryMB) {
      const { key, value } = lighter(config, need.services, need.memoryMB - host.memoryMB);
      clashes.push({
        key,
        reason: `puts services of ${need.memoryMB} MB on ${need.name}, which has ${host.memoryMB} (${list}, and 512 for the system)`,
        changes: [change(key, value), ...larger(config, "memoryMB", need.memoryMB)],
      });
    }
    if (host?.diskGB !== undefined && need.diskGB > host.diskGB) {
      clashes.push({
        key: "disk.budgetGB",
        reason: `lets topics and system take ${need.diskGB} GB of ${need.name}, which has ${host.diskGB}`,
        changes: [
          change("disk.budgetGB", Math.max(1, Math.floor((host.diskGB - 8) * config.kafka.brokers))),
          ...larger(config, "diskGB", need.diskGB),
        ],
      });
    }
    return clashes;
  });
};

/** The limit that can be lowered most, lowered by what is too much. */
function lighter(
  config: LabConfig,
  services: readonly { role: Role; memoryMB: number }[],
  excess: number,
): { key: KeyName; value: number } {
  const groups = [...Map.groupBy(services, ({ role }) => memoryKeys[role]?.key)].flatMap(([key, members]) => {
    const [first] = members;
    const least = first === undefined ? undefined : memoryKeys[first.role]?.least(config);
    if (key === undefined || first === undefined || least === undefined) return [];
    return [{ key, now: first.memoryMB, least, count: members.length }];
  });
  const [most] = groups.sort((a, b) => (b.now - b.least) * b.count - (a.now - a.least) * a.count);
  if (most === undefined) return { key: "producers", value: 0 };
  return { key: most.key, value: Math.max(most.least, most.now - Math.ceil(excess / most.count)) };
}

/** VMs can be had larger. */
function larger(config: LabConfig, what: "memoryMB" | "diskGB", value: number): Change[] {
  return config.target === "openstack" ? [change(`openstack.${what}`, value)] : [];
}
