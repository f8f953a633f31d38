import type { Clash } from "../config/clash.ts";
import type { LabConfig } from "../config/schema.ts";
import { controllerCount } from "../kafka/listeners.ts";
import { brokerSlots, place } from "./placement.ts";

/** A port of a host that services of the lab listen on, where hosts share their ports with their services. */
export interface PeerPort {
  readonly host: string;
  readonly service: string;
  readonly port: number;
  /** Hosts, this one left out, that have a service which uses it. */
  readonly from: readonly string[];
}

const databasePort = 5432;
const cameraPort = 9085;

/** Every port that one service of the lab offers to others: the table that firewalls and security groups are made of. */
export function peerPorts(config: LabConfig): readonly PeerPort[] {
  const placed = place(config);
  const hostsOf = (is: (name: string) => boolean) => [
    ...new Set(placed.filter(({ name }) => is(name)).map(({ host }) => host)),
  ];
  const brokers = placed.filter(({ role }) => role === "brokers");
  const voters = controllerCount(brokers.length);
  const slots = brokerSlots(config);
  const brokerHosts = hostsOf((name) => name.startsWith("kafka-"));
  const clients = hostsOf((name) => name !== "postgres" && !name.startsWith("video-camera"));
  const row = (service: string, host: string, port: number, users: readonly string[]): PeerPort => ({
    host,
    service,
    port,
    from: users.filter((user) => user !== host),
  });
  const kafka = brokers.flatMap(({ name, host }, id) => [
    row(name, host, config.kafka.insidePort + (slots[id] ?? 0), clients),
    ...(id < voters ? [row(name, host, config.kafka.controllerPort + (slots[id] ?? 0), brokerHosts)] : []),
  ]);
  const others = placed.flatMap(({ name, host }) => {
    if (name === "postgres") {
      return [
        row(
          name,
          host,
          databasePort,
          hostsOf((user) => user.startsWith("classification-recorder")),
        ),
      ];
    }
    if (name === "video-camera-1") {
      return [
        row(
          name,
          host,
          cameraPort,
          hostsOf((user) => user === "video-producer-1"),
        ),
      ];
    }
    return [];
  });
  return [...kafka, ...others];
}

/** What a host lets its peers in for: the ports that services of other hosts use. */
export function peerRules(config: LabConfig, host: string): readonly PeerPort[] {
  return peerPorts(config)
    .filter((row) => row.host === host && row.from.length > 0)
    .sort((a, b) => a.port - b.port);
}

/** Two services of one host that would listen on the same port. */
export function peerClashes(config: LabConfig): readonly Clash[] {
  const rows = peerPorts(config);
  const taken = rows.find((row, index) =>
    rows.slice(0, index).some((other) => other.host === row.host && other.port === row.port),
  );
  if (taken === undefined) return [];
  const other = rows.find((row) => row.host === taken.host && row.port === taken.port);
  const brokers = Math.max(...brokerSlots(config)) + 1;
  const free = [29_093, 19_092, 39_092].find(
    (port) => port + brokers <= config.kafka.insidePort || port >= config.kafka.insidePort + brokers,
  );
  return [
    {
      key: "kafka.controllerPort",
      reason: `makes ${taken.service} listen on port ${taken.port} of ${taken.host}, as ${other?.service} does: brokers on one host take consecutive ports`,
      changes: [{ key: "kafka.controllerPort", value: String(free ?? 29_093) }],
    },
  ];
}
