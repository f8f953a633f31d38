import { z } from "zod";
import { messageOf } from "../../apps/common/errors.ts";
import type { LabOutputs } from "../lab/queries.ts";
import type { Row } from "./rows.ts";

const answerMs = 5_000;

/** What is read of the admin server's answer to `monitor`, which is that of the four-letter word mntr. */
const monitored = z.object({
  server_state: z.string(),
  num_alive_connections: z.number(),
  connection_rejected: z.number().default(0),
  auth_failed_count: z.number().default(0),
});

/** A node of the ensemble as it tells of itself, or why it does not. */
export type NodeState =
  | {
      readonly service: string;
      readonly state: string;
      readonly connections: number;
      /** Connections that it has turned away since it was started. */
      readonly refused: number;
    }
  | { readonly service: string; readonly problem: string };

/** Asks every node of the ensemble: ruok, and what mntr has of it. */
export function askEnsemble(nodes: LabOutputs["zookeepers"]): Promise<NodeState[]> {
  return Promise.all(
    nodes.map(async ({ service, url }): Promise<NodeState> => {
      try {
        await ask(url, "ruok");
        const found = monitored.parse(await ask(url, "monitor"));
        return {
          service,
          state: found.server_state,
          connections: found.num_alive_connections,
          refused: found.connection_rejected + found.auth_failed_count,
        };
      } catch (error) {
        return { service, problem: messageOf(error) };
      }
    }),
  );
}

/** @throws with what the node says instead of an answer */
async function ask(url: string, command: string): Promise<unknown> {
  const response = await fetch(`${url}/commands/${command}`, { signal: AbortSignal.timeout(answerMs) });
  if (!response.ok) throw new Error(`${command} was answered with ${response.status}`);
  const answer: unknown = await response.json();
  const { error } = z.object({ error: z.string().nullish() }).parse(answer);
  if (error !== undefined && error !== null) throw new Error(error);
  return answer;
}

/**
 * A row for each node that does not serve, whether the ensemble has one leader, and whether the brokers are connected to
 * it: none at all where there is no ensemble.
 *
 * @param brokers how many the lab has, each of which holds one connection
 */
export function ensembleRows(
  nodes: readonly NodeState[],
  { brokers, stack, nameOf }: { brokers: number; stack: string; nameOf: (service: string) => string },
): Row[] {
  if (nodes.length === 0) return [];
  const serving = nodes.filter((node) => "state" in node);
  const down = nodes.flatMap((node): Row[] =>
    "problem" in node
      ? [
          {
            what: node.service,
            level: "red",
            seen: node.problem,
            cause: "it is down, or too few of the ensemble run for a quorum",
            fix: `docker logs ${nameOf(node.service)}`,
          },
        ]
      : [],
  );
  const leaders = serving.filter(({ state }) => state === "leader" || state === "standalone");
  const has = `${serving.length} of ${nodes.length} nodes serve`;
  const ensemble: Row =
    leaders.length === 1
      ? { what: "ZooKeeper", level: "ok", seen: `${has}, ${leaders[0]?.service} leads` }
      : {
          what: "ZooKeeper",
          level: "red",
          seen: `${has}, ${leaders.length} lead`,
          cause: "fewer than half of its nodes reach each other",
          fix: `./scripts/start ${stack}`,
        };
  return [ensemble, ...down, ...connectionRows(serving, brokers, nameOf)];
}

function connectionRows(
  serving: readonly Extract<NodeState, { state: string }>[],
  brokers: number,
  nameOf: (service: string) => string,
): Row[] {
  if (serving.length === 0) return [];
  const connections = serving.reduce((sum, node) => sum + node.connections, 0);
  const refusing = serving.filter(({ refused }) => refused > 0);
  const what = "ZooKeeper connections";
  const seen = `${connections}, of ${brokers} brokers`;
  if (connections < brokers) {
    return [
      {
        what,
        level: "red",
        seen,
        cause: "a broker is down, or does not reach the ensemble",
        fix: `docker logs ${nameOf("kafka-0")}   # and of the other brokers`,
      },
    ];
  }
  if (refusing.length === 0) return [{ what, level: "ok", seen }];
  const told = refusing.map(({ service, refused }) => `${refused} turned away by ${service}`);
  return [
    {
      what,
      level: "warning",
      seen: `${seen}; ${told.join(", ")} since its start`,
      cause: "an address has more than zookeeper.maxClients of them, or is no client of this ensemble",
      fix: `docker exec ${nameOf(refusing[0]?.service ?? "")} bash -c 'exec 3<>/dev/tcp/localhost/2181; printf stat >&3; cat <&3'`,
    },
  ];
}
