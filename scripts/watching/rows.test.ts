import { describe, expect, it } from "vitest";
import { messagesIn } from "../lab/kafka-state.ts";
import {
  type ContainerState,
  clockRow,
  containerRows,
  diskRow,
  kafkaRows,
  lagRows,
  limits,
  lossRows,
  type Row,
  rateRows,
} from "./rows.ts";

const container = (name: string, more: Partial<ContainerState> = {}): ContainerState => ({
  name,
  host: "local",
  state: "running",
  health: "healthy",
  exitCode: 0,
  lastCheck: "",
  ...more,
});
const red = (rows: readonly Row[]) =>
  rows.filter(({ level }) => level === "red").map(({ what, fix }) => [what, fix]);
const nameOf = (service: string) => `edgelab-dev-${service}`;

describe("the loss of a host", () => {
  const nodes = ["vm1", "vm2", "vm3"];
  const standing = { voters: nodes, brokers: nodes, replication: 3, minInsync: 2 };

  it("is no matter of a lab on one machine, nor of one that was made before", () => {
    expect(lossRows({ ...standing, voters: ["a"], brokers: ["a"] }, ["a"], [])).toEqual([]);
    expect(lossRows(undefined, nodes, [])).toEqual([]);
  });

  it("names the hosts that Kafka needs, and warns once one is away", () => {
    const of = (hosts: readonly string[], away: readonly string[]) =>
      lossRows({ ...standing, voters: hosts, brokers: hosts }, [...new Set(hosts)], away);
    expect(of(nodes, [])).toMatchObject([{ level: "ok", seen: "Kafka goes on without any one of them" }]);
    expect(of(["vm1", "vm2", "vm1"], [])).toMatchObject([
      {
        level: "ok",
        seen: "Kafka stops without vm1 (with it, 2 of the 3 nodes that vote would be gone)",
      },
    ]);
    const [row] = of(nodes, ["vm2"]);
    expect(row).toMatchObject({ level: "warning", cause: "vm2 is away already" });
    expect(row?.seen).toMatch(/without vm1 .* and without vm3/);
  });
});

describe("containers", () => {
  it("are one row while all are healthy, and another for what one of them lacks", () => {
    const rows = containerRows(
      ["a", "b"],
      [container("a"), container("b", { lastCheck: "gate: no frame" })],
      "dev",
    );
    expect(rows.map(({ what, level, seen }) => [what, level, seen])).toEqual([
      ["containers", "ok", "all 2 healthy"],
      ["b", "warning", "gate: no frame"],
    ]);
  });

  it.each([
    ["gone", undefined, "./scripts/up dev"],
    ["stopped", { state: "exited", exitCode: 137 }, "./scripts/start dev"],
    ["unhealthy", { health: "unhealthy", lastCheck: "kafka: no leader" }, "docker logs a"],
    ["on another host", { health: "unhealthy", host: "vm2" }, "docker logs a   # on vm2"],
    ["restarting", { state: "restarting" }, "docker logs a"],
    ["paused", { state: "paused" }, "docker unpause a"],
  ])("are red when one is %s", (_, state, fix) => {
    const rows = containerRows(["a"], state === undefined ? [] : [container("a", state)], "dev");
    expect(red(rows)).toEqual([["a", fix]]);
    expect(rows.every(({ cause }) => cause !== undefined)).toBe(true);
  });

  it("are not red while one starts", () => {
    const rows = containerRows(["a"], [container("a", { health: "starting" })], "dev");
    expect(red(rows)).toEqual([]);
    expect(rows.at(-1)).toMatchObject({ what: "a", level: "warning" });
  });
});

describe("Kafka", () => {
  it("is red when it does not answer, is late, or lacks replicas", () => {
    expect(red(kafkaRows({ behind: [], ms: limits.networkMs }, 4, "dev"))).toEqual([]);
    expect(red(kafkaRows({ behind: [], ms: limits.networkMs + 1 }, 4, "dev"))).toHaveLength(1);
    expect(red(kafkaRows({ problem: "no broker answers" }, 4, "dev"))).toEqual([
      ["Kafka", "./scripts/start dev"],
    ]);
    const [replicas] = kafkaRows({ behind: ["a-0", "a-1", "b-0", "b-1"], ms: 1 }, 4, "dev");
    expect(replicas).toMatchObject({ level: "red", seen: "4 partitions lack some: a-0, a-1, b-0, …" });
  });

  it("is of the partition that is read, where others are passed over", () => {
    const partitions = [
      { partition: 0, lag: 3n },
      { partition: 1, lag: 2000n },
    ];
    expect(messagesIn(partitions)).toBe(2003);
    expect(messagesIn(partitions, 0)).toBe(3);
  });

  it("is red for each group that lags, and tells the longest lag otherwise", () => {
    const lag = (messages: number) => ({ service: "saver", group: "savers", topic: "yard", messages });
    expect(lagRows([lag(3), lag(limits.lag)], nameOf)).toMatchObject([
      { level: "ok", seen: "1000 messages at most, of 2 groups" },
    ]);
    expect(red(lagRows([lag(3), lag(limits.lag + 1)], nameOf))).toEqual([
      ["lag of savers", "docker logs edgelab-dev-saver"],
    ]);
  });
});

describe("rates, disks and clocks", () => {
  it("are red below what they should be, or without an answer", () => {
    const rate = (perSecond: number | undefined) => ({
      service: "p",
      counter: "frames",
      perSecond,
      least: 25,
    });
    expect(rateRows([rate(25), rate(24.9), rate(undefined)], nameOf).map(({ level }) => level)).toEqual([
      "ok",
      "red",
      "red",
    ]);
  });

  it("are red above their limits", () => {
    expect([80, 81, undefined].map((percent) => diskRow("vm1", percent).level)).toEqual([
      "ok",
      "red",
      "warning",
    ]);
    expect([-1000, 1001, -1001].map((ms) => clockRow("vm1", ms).level)).toEqual(["ok", "warning", "warning"]);
  });
});
