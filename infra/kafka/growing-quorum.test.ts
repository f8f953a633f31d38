import { describe, expect, it } from "vitest";
import type { PlacedVoter } from "./addresses.ts";
import { endpointOf, quorumEnv, serversOf } from "./growing-quorum.ts";

/** Controllers on hosts where containers do, or do not, share names. */
const controllers = (count: number, shared: boolean) =>
  Array.from({ length: count }, (_, n) => ({
    id: 100 + n,
    host: { sharedAddress: (name: string) => (shared ? name : undefined) },
    controller: { listenAddress: "0.0.0.0", listenPort: 29_093, peer: `host-${n}:29093`, mapping: undefined },
  })) as unknown as PlacedVoter[];

describe("serversOf", () => {
  it("is the same for any number where controllers share a name, and has the first one beside it", () => {
    for (const count of [1, 3, 5]) {
      expect(serversOf(controllers(count, true), "all")).toEqual(["host-0:29093", "all:29093"]);
    }
  });

  it("is the first three where they do not", () => {
    expect(serversOf(controllers(1, false), "all")).toEqual(["host-0:29093"]);
    const three = ["host-0:29093", "host-1:29093", "host-2:29093"];
    expect(serversOf(controllers(3, false), "all")).toEqual(three);
    expect(serversOf(controllers(5, false), "all")).toEqual(three);
  });
});

describe("quorumEnv", () => {
  const first = "100@a:1:x,101@b:1:y,10@c:1:z";

  it("tells all who the first controllers were, but one that comes later", () => {
    expect(quorumEnv(first)).toEqual({ KAFKA_FIRST_VOTERS: first });
    expect(quorumEnv(first, { id: 101 })).toEqual({ KAFKA_FIRST_VOTERS: first });
    expect(quorumEnv(first, { id: 1 })).toEqual({ KAFKA_FIRST_VOTERS: "none" });
  });

  it("is nothing where the quorum cannot grow", () => {
    expect(quorumEnv("", { id: 100 })).toEqual({});
    expect(quorumEnv("")).toEqual({});
  });
});

describe("endpointOf", () => {
  it("is where the others reach it", () => {
    const [first] = controllers(1, true);
    if (!first) throw new Error("one was made");
    expect(endpointOf(first)).toEqual({ id: 100, host: "host-0", port: 29_093 });
  });
});
