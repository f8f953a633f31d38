import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { askEnsemble, ensembleRows, type NodeState } from "./zookeeper.ts";

const node = (number: number, state: string, connections = 1, refused = 0): NodeState => ({
  service: `zookeeper-${number}`,
  state,
  connections,
  refused,
});
const lab = { brokers: 3, stack: "dev", nameOf: (service: string) => `edgelab-dev-${service}` };
const three = [node(1, "follower"), node(2, "leader"), node(3, "follower")];
const red = (nodes: readonly NodeState[]) =>
  ensembleRows(nodes, lab)
    .filter(({ level }) => level === "red")
    .map(({ what, seen, fix }) => [what, seen, fix]);

describe("an ensemble", () => {
  it("is well with one leader and a connection of each broker, and is not spoken of where there is none", () => {
    expect(ensembleRows([], lab)).toEqual([]);
    expect(ensembleRows(three, lab).map(({ level, seen }) => [level, seen])).toEqual([
      ["ok", "3 of 3 nodes serve, zookeeper-2 leads"],
      ["ok", "3, of 3 brokers"],
    ]);
    expect(red([node(1, "standalone", 3)])).toEqual([]);
  });

  it("is red for each node that does not serve, and as a whole without a leader", () => {
    const dead = { service: "zookeeper-3", problem: "it does not answer" };
    expect(red([node(1, "follower"), node(2, "leader", 2), dead])).toEqual([
      ["zookeeper-3", "it does not answer", "docker logs edgelab-dev-zookeeper-3"],
    ]);
    expect(red([1, 2, 3].map((number) => ({ ...dead, service: `zookeeper-${number}` })))).toHaveLength(4);
    expect(red([node(1, "follower", 3)])[0]).toEqual([
      "ZooKeeper",
      "1 of 1 nodes serve, 0 lead",
      "./scripts/start dev",
    ]);
  });

  it("is red when a broker has no connection, and warns of connections that were turned away", () => {
    expect(red([node(1, "standalone", 2)])).toEqual([
      [
        "ZooKeeper connections",
        "2, of 3 brokers",
        expect.stringContaining("docker logs edgelab-dev-kafka-0"),
      ],
    ]);
    const rows = ensembleRows([...three.slice(0, 2), node(3, "follower", 60, 7)], lab);
    expect(rows.at(-1)).toMatchObject({
      what: "ZooKeeper connections",
      level: "warning",
      seen: "62, of 3 brokers; 7 turned away by zookeeper-3 since its start",
    });
  });
});

describe("askEnsemble", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  async function answering(answers: Readonly<Record<string, object>>): Promise<NodeState | undefined> {
    server = createServer(({ url = "" }, response) => {
      const answer = answers[url];
      response.writeHead(answer === undefined ? 500 : 200).end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return (await askEnsemble([{ service: "zookeeper-1", url: `http://127.0.0.1:${port}` }]))[0];
  }
  const ruok = { "/commands/ruok": { command: "ruok", error: null } };

  it("takes what a node says of itself", async () => {
    const monitor = {
      server_state: "leader",
      num_alive_connections: 2,
      connection_rejected: 3,
      auth_failed_count: 1,
    };
    expect(await answering({ ...ruok, "/commands/monitor": monitor })).toEqual(node(1, "leader", 2, 4));
  });

  it("tells why a node does not serve", async () => {
    const error = "This ZooKeeper instance is not currently serving requests";
    expect(await answering({ ...ruok, "/commands/monitor": { error } })).toEqual({
      service: "zookeeper-1",
      problem: error,
    });
    expect(await answering(ruok)).toMatchObject({ problem: "monitor was answered with 500" });
  });
});
