import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type QuorumState, quorumOf } from "../../apps/common/kafka-quorum.ts";
import { docker, eventually, TestLab } from "../support/lab.ts";
import { anew, gone, upUnderLoad } from "../support/under-load.ts";

const offset = 1700;
const lab = new TestLab("quorum", {
  ports: { offset },
  classification: { rate: 5 },
  kafka: { controllers: "1" },
});
const quorum = quorumOf(
  [0, 1, 2].map((id) => `127.0.0.1:${29_092 + offset + id}`),
  undefined,
);

beforeAll(async () => {
  await lab.init();
  await lab.up();
});
afterAll(() => lab.remove());

async function voters(): Promise<number[]> {
  return (await quorum.state()).voters.map(({ id }) => id);
}

/** Changes the number of controllers under load. @returns the containers that came or are others now, and those gone */
async function controllers(count: "1" | "3" | "5"): Promise<{ came: string[]; went: string[] }> {
  const before = await lab.containers();
  lab.set("kafka", { controllers: count });
  const { verdict } = await upUnderLoad(lab);
  expect(verdict.problems).toEqual([]);
  const after = await lab.containers();
  return { came: anew(before, after).toSorted(), went: gone(before, after).toSorted() };
}

describe("under load", () => {
  it("gives new controllers their votes, and makes no other container anew", async () => {
    expect(await voters()).toEqual([100]);
    expect(await controllers("3")).toEqual({
      came: ["kafka-controller-2", "kafka-controller-3"],
      went: [],
    });
    expect(await voters()).toEqual([100, 101, 102]);
  });

  it("goes on without the first controller, which brokers that are started then are told of by others", async () => {
    const first = `edgelab-${lab.stack}-kafka-controller-1`;
    const broker = `edgelab-${lab.stack}-kafka-2`;
    await docker("stop", first);
    try {
      await docker("restart", broker);
      await eventually("the broker to follow a leader among the others", async () => {
        const state = await quorum.state().catch((): QuorumState | undefined => undefined);
        const there = state?.observers.some(({ id, behindMs }) => id === 2 && behindMs < 3000);
        return state !== undefined && state.leader !== 100 && there === true ? true : undefined;
      });
    } finally {
      await docker("start", first);
    }
    await eventually("the first controller to be back", async () => {
      const state = await quorum.state().catch((): QuorumState | undefined => undefined);
      return state?.voters.every(({ behindMs }) => behindMs < 3000) === true ? true : undefined;
    });
  });

  it("grows to five and shrinks to one, whichever leads, each step with nothing else touched", async () => {
    expect(await controllers("5")).toEqual({
      came: ["kafka-controller-4", "kafka-controller-5"],
      went: [],
    });
    expect(await voters()).toEqual([100, 101, 102, 103, 104]);
    expect(await controllers("3")).toEqual({
      came: [],
      went: ["kafka-controller-4", "kafka-controller-5"],
    });
    expect(await controllers("1")).toEqual({
      came: [],
      went: ["kafka-controller-2", "kafka-controller-3"],
    });
    expect(await voters()).toEqual([100]);
  });
});
