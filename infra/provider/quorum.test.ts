import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { quorumOf } from "../../apps/common/kafka-quorum.ts";
import {
  startBroker,
  startController,
  type TestBroker,
  type TestNode,
} from "../../apps/common/testing/broker.ts";
import { quietContext as context } from "../testing/quiet-context.ts";
import { type QuorumInputs, quorumHandler } from "./quorum.ts";
import { isFixed } from "./quorum-step.ts";

const at = (id: number, port: number) => ({ id, host: "127.0.0.1", port });

describe("diff", () => {
  const one: QuorumInputs = { bootstrapServers: ["a:1"], controllers: [at(100, 1)] };
  const two = { ...one, controllers: [...one.controllers, at(101, 2)] };
  const changes = (voters: number[], news: QuorumInputs) =>
    quorumHandler.diff({ inputs: one, outputs: { ...one, voters } }, news).changes;

  it("is one when others are to vote than do, whatever was wanted before", () => {
    expect(changes([100], two)).toEqual({ controllers: "update" });
    expect(changes([101, 100], one)).toEqual({ controllers: "update" });
    expect(changes([101, 100], two)).toEqual({});
    expect(changes([100], { ...one, bootstrapServers: ["b:1"] })).toEqual({});
  });
});

describe("a quorum that can grow", () => {
  let broker: TestBroker;
  let second: TestNode;
  beforeAll(async () => {
    broker = await startBroker({ grows: true });
    second = await startController(1, broker);
  }, 500_000);
  afterAll(async () => {
    await second?.close();
    await broker?.close();
  });

  it("gives a controller its vote and takes it, and does nothing twice", { timeout: 300_000 }, async () => {
    const { bootstrapServers } = broker;
    const quorum = quorumOf(bootstrapServers, undefined);
    const alone: QuorumInputs = {
      bootstrapServers: [...bootstrapServers],
      controllers: [at(0, broker.controllerPort)],
    };
    const both = { ...alone, controllers: [...alone.controllers, at(1, second.controllerPort)] };
    const made = await quorumHandler.create(alone, context);
    expect(made.outputs.voters).toEqual([0]);
    expect(isFixed(await quorum.state())).toBe(false);
    const before = { inputs: alone, outputs: made.outputs };
    await quorumHandler.refuse?.(before, both);
    const grown = await quorumHandler.update("quorum", before, both, context);
    expect(grown.voters).toEqual([0, 1]);
    expect((await quorum.state()).voters.map(({ id }) => id)).toEqual([0, 1]);
    expect((await quorumHandler.read("quorum", made.outputs, alone, context))?.outputs.voters).toEqual([
      0, 1,
    ]);
    await quorumHandler.update("quorum", { inputs: both, outputs: grown }, both, context);

    const shrunk = await quorumHandler.update("quorum", { inputs: both, outputs: grown }, alone, context);
    expect(shrunk.voters).toEqual([0]);
    const { voters, observers } = await quorum.state();
    expect(voters.map(({ id }) => id)).toEqual([0]);
    expect(observers.map(({ id }) => id)).toContain(1);
    await expect(quorum.removeVoter({ id: 1, directory: observers[0]?.directory ?? "" })).rejects.toThrow(
      /^controller 1 keeps its vote: .*VOTER_NOT_FOUND/,
    );
  });
});

describe("a quorum that is a fixed list", () => {
  let broker: TestBroker;
  beforeAll(async () => {
    broker = await startBroker();
  }, 300_000);
  afterAll(() => broker?.close());

  it("is refused another size, with what mends it, and left as it is", { timeout: 60_000 }, async () => {
    const news: QuorumInputs = {
      bootstrapServers: [...broker.bootstrapServers],
      controllers: [at(0, 1), at(1, 2)],
    };
    const before = { inputs: news, outputs: { ...news, voters: [0] } };
    const told = /stays controllers 0\n {2}fix: .*config set kafka\.controllers 1, or make a new cluster/;
    await expect(quorumHandler.refuse?.(before, news)).rejects.toThrow(told);
    await expect(quorumHandler.create(news, context)).rejects.toThrow(told);
    await quorumHandler.create({ ...news, controllers: [at(0, 1)] }, context);
  });
});
