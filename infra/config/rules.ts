import { type Clash, change } from "./clash.ts";
import type { CoreConfig, CoreKey } from "./schema.ts";
import { addressesIn, withPrefix } from "./subnet.ts";

/** What is wrong with keys of the core that are each allowed, as far as one rule goes. */
export type CoreRule = (core: CoreConfig) => readonly Clash<CoreKey>[];

/** The number of the first VM's address within its subnet; those below are the gateway's, DHCP's and the cloud's. */
export const firstVmAddress = 11;

export const targetHasHosts: CoreRule = ({ target, ssh, openstack }) => {
  const clashes: Clash<CoreKey>[] = [];
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

export const subnetHasRoom: CoreRule = ({ target, openstack: { cidr, count } }) => {
  if (target !== "openstack") return [];
  const last = firstVmAddress + count - 1;
  if (last < addressesIn(cidr) - 1) return [];
  const prefix = 31 - Math.ceil(Math.log2(last + 2)) + 1;
  return [
    {
      key: "openstack.cidr",
      reason: `has no room for ${count} VMs, the last of which would have its address ${last}`,
      changes: [change("openstack.cidr", withPrefix(cidr, prefix))],
    },
  ];
};

/** Paths on other machines cannot be relative to this checkout. */
export const dataFolderIsOnHosts: CoreRule = ({ target, ssh }) =>
  target === "local" || ssh.dataFolder.startsWith("/")
    ? []
    : [
        {
          key: "ssh.dataFolder",
          reason: "must be an absolute path on hosts",
          changes: [change("ssh.dataFolder", "/var/lib/edgelab-files")],
        },
      ];

export const replicationFits: CoreRule = ({ kafka: { replication, brokers } }) =>
  replication <= brokers
    ? []
    : [
        {
          key: "kafka.replication",
          reason: `must be at most kafka.brokers, which is ${brokers}: every replica is on a broker of its own`,
          changes: [change("kafka.replication", brokers), change("kafka.brokers", replication)],
        },
      ];

export const minInsyncFits: CoreRule = ({ kafka: { minInsync, replication } }) =>
  minInsync <= replication
    ? []
    : [
        {
          key: "kafka.minInsync",
          reason: `must be at most kafka.replication, which is ${replication}: no write could ever be acknowledged`,
          changes: [change("kafka.minInsync", replication)],
        },
      ];

export const heapFits: CoreRule = ({ kafka, zookeeper }) => [
  ...limitFitsHeap("kafka.memoryMB", kafka.memoryMB, "kafka.heapMB", kafka.heapMB),
  ...limitFitsHeap(
    "kafka.controllerMemoryMB",
    kafka.controllerMemoryMB,
    "kafka.controllerHeapMB",
    kafka.controllerHeapMB,
  ),
  ...limitFitsHeap("zookeeper.memoryMB", zookeeper.memoryMB, "zookeeper.heapMB", zookeeper.heapMB),
];

function limitFitsHeap(key: CoreKey, memoryMB: number, heapKey: CoreKey, heapMB: number): Clash<CoreKey>[] {
  const needed = Math.ceil(heapMB * 1.5);
  if (memoryMB >= needed) return [];
  return [
    {
      key,
      reason: `must be at least 1.5 × ${heapKey}, which makes ${needed}: a JVM needs more than its heap`,
      changes: [change(key, needed)],
    },
  ];
}
