import { describe, expect, it } from "vitest";
import { freePort } from "../../apps/common/testing/free-ports.ts";
import { topicKeeperHandler, topicsGoing } from "./topic-keeper.ts";

const lab = {
  bootstrapServers: ["127.0.0.1:29092"],
  topics: ["images", "images.dlq", "frames"],
  discard: [] as string[],
  kept: false,
};

describe("topicsGoing", () => {
  it.each([
    ["none when all stay", {}, []],
    ["those that no pipeline has any more", { topics: ["frames"] }, ["images", "images.dlq"]],
    ["but those that are given up", { topics: ["frames"], discard: ["images"] }, ["images.dlq"]],
  ])("has %s", (_what, change, expected) => {
    expect(topicsGoing(lab, { ...lab, ...change })).toEqual(expected);
  });

  it("has none where topics stay in Kafka, as the last update left it", () => {
    expect(topicsGoing({ ...lab, kept: true }, { ...lab, topics: [] })).toEqual([]);
    expect(topicsGoing(lab, { ...lab, topics: [], kept: true })).toEqual(lab.topics);
  });
});

describe("a change of topics", () => {
  it("is refused while nobody can say whether they hold messages", async () => {
    const away = { ...lab, bootstrapServers: [`127.0.0.1:${await freePort()}`] };
    const refuse = topicKeeperHandler.refuse?.(
      { inputs: lab, outputs: lab },
      { ...away, topics: ["frames"] },
    );
    await expect(refuse).rejects.toThrow(
      /topics images, images\.dlq would be deleted, .*not known[\s\S]*fix: \.\/scripts\/start.*discardTopics '\["images","images\.dlq"\]'/,
    );
  });

  it("is none when they come in another order", () => {
    const turned = { ...lab, topics: lab.topics.toReversed() };
    expect(topicKeeperHandler.diff({ inputs: lab, outputs: lab }, turned).changes).toEqual({});
  });
});
