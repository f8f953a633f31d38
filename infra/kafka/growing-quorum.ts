import type { ControllerEndpoint } from "../../apps/common/kafka-quorum.ts";
import type { PlacedVoter } from "./addresses.ts";
import type { Voter } from "./listeners.ts";

/** Of five as well: as long as a quorum has a leader, at least one of these is among those that are there. */
const bootstrapControllers = 3;

/**
 * Where a node asks who leads the quorum, as `host:port`. Where all controllers share a name, the list is the same
 * however many there are, so that no node is made anew when some come or go. The first controller is there all along; with
 * the shared name alone, a new one could find nobody but itself.
 */
export function serversOf(voters: readonly PlacedVoter[], sharedName: string): string[] {
  const [first] = voters;
  const shared = first?.host.sharedAddress(sharedName);
  return first === undefined || shared === undefined
    ? voters.slice(0, bootstrapControllers).map(({ controller }) => controller.peer)
    : [first.controller.peer, `${shared}:${first.controller.listenPort}`];
}

/**
 * What the image takes beside Kafka's own settings, of a controller or of a broker.
 *
 * @param firstVoters see the outputs of ClusterIdentity; empty where the quorum cannot grow
 */
export function quorumEnv(firstVoters: string, controller?: Pick<Voter, "id">): Record<string, string> {
  if (firstVoters === "") return {};
  const isLater =
    controller !== undefined && !firstVoters.split(",").some((one) => one.startsWith(`${controller.id}@`));
  return { KAFKA_FIRST_VOTERS: isLater ? "none" : firstVoters };
}

/** Where a controller is reached. */
export function endpointOf({ id, controller: { peer } }: Voter): ControllerEndpoint {
  const colon = peer.lastIndexOf(":");
  return { id, host: peer.slice(0, colon), port: Number(peer.slice(colon + 1)) };
}
