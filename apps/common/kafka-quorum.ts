import type { Socket } from "node:net";
import { describeQuorumV2, protocolErrorsCodesById, type Reader, Writer } from "@platformatic/kafka";
import { type AskOptions, anyOf, ask, type Codec } from "./kafka-request.ts";

/** A replica of the cluster's metadata. */
export interface QuorumMember {
  /** Kafka's id of the node. */
  readonly id: number;
  /** Kafka's id of the folder that its replica is in: with a fresh volume, a node is another member. */
  readonly directory: string;
  /** How long ago it had all that there was of the metadata; Infinity where it never had, as far as the leader knows. */
  readonly behindMs: number;
}

/** The quorum as its leader sees it. */
export interface QuorumState {
  /** Id of the node that leads. */
  readonly leader: number;
  readonly voters: readonly QuorumMember[];
  /** All others that follow the metadata: brokers, and controllers that have no vote. */
  readonly observers: readonly QuorumMember[];
}

/** Where a controller is reached, by other controllers and by brokers. */
export interface ControllerEndpoint {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

/** What reconfigures a KRaft quorum (KIP-853). Each call is answered by any broker, which hands it on to the leader. */
export interface Quorum {
  /** @throws where ZooKeeper coordinates the cluster, and while there is no leader */
  state(): Promise<QuorumState>;
  /** Gives a node that follows the metadata a vote. @throws with Kafka's reason; also when it has one already */
  addVoter(endpoint: ControllerEndpoint, directory: string): Promise<void>;
  /** Takes a node's vote. @throws with Kafka's reason; also when it has none */
  removeVoter(member: Pick<QuorumMember, "id" | "directory">): Promise<void>;
}

/** The listener that controllers have for each other. */
const controllerListener = "CONTROLLER";
const metadataLog = [{ topicName: "__cluster_metadata", partitions: [{ partitionIndex: 0 }] }];

/** @param servers `host:port` of brokers, asked one after the other until one answers */
export function quorumOf(
  servers: readonly string[],
  connect: ((host: string, port: number) => Socket) | undefined,
): Quorum {
  const options: AskOptions = { connect, timeoutMs: callMs + answerMs };
  return {
    state: async () => {
      const { topics } = await anyOf(servers, (server) =>
        ask(server, describeQuorumV2, [metadataLog], { connect }),
      );
      const found = topics[0]?.partitions[0];
      if (found === undefined || found.leaderId < 0) throw new Error("the quorum has no leader");
      // The leader has always just had it, by the clock that the times of all are of.
      const now = Math.max(...found.currentVoters.map(({ lastCaughtUpTimestamp: time }) => Number(time)));
      const members = (of: typeof found.currentVoters): QuorumMember[] =>
        of
          .map(({ replicaId, replicaDirectoryId, lastCaughtUpTimestamp: time }) => ({
            id: replicaId,
            directory: replicaDirectoryId,
            behindMs: time < 0n ? Number.POSITIVE_INFINITY : now - Number(time),
          }))
          .sort((a, b) => a.id - b.id);
      return {
        leader: found.leaderId,
        voters: members(found.currentVoters),
        observers: members(found.observers),
      };
    },
    addVoter: async (endpoint, directory) => {
      const answer = await anyOf(servers, (server) =>
        ask(server, addRaftVoterV0, [endpoint, directory], options),
      );
      refuseError(`controller ${endpoint.id} gets no vote`, answer);
    },
    removeVoter: async ({ id, directory }) => {
      const answer = await anyOf(servers, (server) =>
        ask(server, removeRaftVoterV0, [id, directory], options),
      );
      refuseError(`controller ${id} keeps its vote`, answer);
    },
  };
}

/** How long Kafka may take to change who votes, and how much longer until it has said so. */
const callMs = 30_000;
const answerMs = 10_000;

interface VoterAnswer {
  readonly code: number;
  readonly reason: string | null;
}

/**
 * AddRaftVoter v0, with compact types, and after each structure its tagged fields:
 * cluster_id => nullable string, timeout_ms => int32, voter_id => int32, voter_directory_id => uuid,
 * listeners => [name => string, host => string, port => uint16]
 */
const addRaftVoterV0: Codec<[ControllerEndpoint, string], VoterAnswer> = {
  api: { key: 80, version: 0 },
  createRequest: ({ id, host, port }, directory) =>
    Writer.create()
      .appendString(null)
      .appendInt32(callMs)
      .appendInt32(id)
      .appendUUID(directory)
      .appendArray([{ host, port }], (writer, one) => {
        writer.appendString(controllerListener).appendString(one.host).appendUnsignedInt16(one.port);
      })
      .appendTaggedFields(),
  parseResponse: voterAnswer,
};

/** RemoveRaftVoter v0: cluster_id => nullable string, voter_id => int32, voter_directory_id => uuid */
const removeRaftVoterV0: Codec<[number, string], VoterAnswer> = {
  api: { key: 81, version: 0 },
  createRequest: (id, directory) =>
    Writer.create().appendString(null).appendInt32(id).appendUUID(directory).appendTaggedFields(),
  parseResponse: voterAnswer,
};

/** throttle_time_ms => int32, error_code => int16, error_message => nullable string */
function voterAnswer(_correlationId: number, _key: number, _version: number, reader: Reader): VoterAnswer {
  reader.readInt32();
  return { code: reader.readInt16(), reason: reader.readNullableString() };
}

function refuseError(what: string, { code, reason }: VoterAnswer): void {
  if (code === 0) return;
  const name = (protocolErrorsCodesById as Readonly<Record<number, string>>)[code] ?? `error ${code}`;
  throw new Error(`${what}: ${reason ?? "no reason was given"} (${name})`);
}
