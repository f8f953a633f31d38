import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freePort } from "../../apps/common/testing/free-ports.ts";
import type { Context } from "../../lib/provider/handler.ts";
import { type TopicInputs, topicChanges, topicHandler } from "./topic.ts";

const topic: TopicInputs = {
  bootstrapServers: ["127.0.0.1:29092"],
  name: "images",
  partitions: 6,
  replication: 3,
  config: { "retention.ms": "86400000" },
};

describe("topicChanges", () => {
  it.each<[string, Partial<TopicInputs>, Record<string, string>]>([
    ["nothing", {}, {}],
    ["more partitions, in place", { partitions: 12 }, { partitions: "update" }],
    ["fewer partitions than somebody has added to", { partitions: 5 }, {}],
    ["another name, by another topic", { name: "pictures" }, { name: "replace" }],
    ["another replication, in place", { replication: 2 }, { replication: "update" }],
    [
      "settings that change, come and go, in place",
      { config: { "retention.bytes": "1" } },
      { 'config["retention.ms"]': "update", 'config["retention.bytes"]': "update" },
    ],
    ["another way to the brokers", { bootstrapServers: ["b:1"] }, { bootstrapServers: "update" }],
  ])("%s", (_what, change, expected) => {
    expect(topicChanges(topic, { ...topic, ...change })).toEqual(expected);
  });

  it("finds nothing to change in a topic compared with itself", () => {
    const settings = fc.dictionary(fc.stringMatching(/^[a-z.]+$/), fc.string());
    fc.assert(
      fc.property(settings, fc.integer({ min: 1 }), (config, partitions) => {
        expect(topicChanges({ ...topic, config, partitions }, { ...topic, config, partitions })).toEqual({});
      }),
    );
  });
});

describe("diff", () => {
  it("refuses to take partitions away, before anything is changed, and not because of those added by hand", () => {
    const before = { inputs: topic, outputs: { ...topic, partitions: 8 } };
    expect(() => topicHandler.diff(before, { ...topic, partitions: 3 })).toThrow(
      /topic images has 6 partitions, .* 3 would mean to delete it with its messages\n {2}fix: set .* back to 6;/,
    );
    expect(topicHandler.diff(before, topic).changes).toEqual({});
    expect(topicHandler.diff(before, { ...topic, partitions: 9 }).changes).toEqual({ partitions: "update" });
    expect(topicHandler.diff(before, { ...topic, name: "pictures", partitions: 1 }).changes).toEqual({
      name: "replace",
    });
  });
});

describe("check", () => {
  it("refuses a name that Kafka would refuse, and a property that nobody knows, by name", () => {
    const { failures } = topicHandler.check({ ...topic, name: "a b", retention: 1 }, undefined);
    expect(failures.map(({ property }) => property).sort()).toEqual(["name", "retention"]);
  });
});

describe("read", () => {
  it("takes a topic to be as it was while no broker answers, and says why", async () => {
    const said: string[] = [];
    const context: Context = {
      urn: "urn:of:a:topic",
      signal: new AbortController().signal,
      log: async (severity, message) => void said.push(`${severity}: ${message}`),
      status: async () => {},
    };
    const port = await freePort();
    const away = { ...topic, bootstrapServers: [`127.0.0.1:${port}`] };
    expect(await topicHandler.read("images", away, topic, context)).toEqual({
      id: "images",
      outputs: away,
      inputs: topic,
    });
    expect(said).toEqual([
      expect.stringMatching(/^warning: topic images cannot be looked at .*as it was: \S/),
    ]);
  });
});
