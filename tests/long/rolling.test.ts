import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestLab } from "../support/lab.ts";
import { anew, gone, upUnderLoad } from "../support/under-load.ts";

const lab = new TestLab("rolling", {
  ports: { offset: 1500 },
  classification: { rate: 5 },
  kafka: { version: "3.9" },
});

beforeAll(async () => {
  await lab.init();
  await lab.up();
});
afterAll(() => lab.remove());

describe("under load", () => {
  it("makes all brokers anew one after the other, and no client, for another version", async () => {
    const before = await lab.containers();
    lab.set("kafka", { version: "4.2" });
    const { verdict } = await upUnderLoad(lab);
    expect(verdict.problems).toEqual([]);
    expect(anew(before, await lab.containers()).sort()).toEqual(["kafka-0", "kafka-1", "kafka-2"]);
    expect(await lab.plan()).toEqual([]);
  });

  it("gives a fourth broker its share, and touches no other container", async () => {
    const before = await lab.containers();
    lab.set("kafka", { brokers: 4 });
    const { verdict, told } = await upUnderLoad(lab);
    expect(verdict.problems).toEqual([]);
    expect(anew(before, await lab.containers())).toEqual(["kafka-3"]);
    expect(told.join(" ")).toMatch(/broker 3 has [1-9]\d* and leads \d+/);
  });

  it("makes all brokers anew one after the other, and no client, for another heap", async () => {
    const before = await lab.containers();
    lab.set("kafka", { brokers: 4, heapMB: 400 });
    const { verdict } = await upUnderLoad(lab);
    expect(verdict.problems).toEqual([]);
    expect(anew(before, await lab.containers()).sort()).toEqual(["kafka-0", "kafka-1", "kafka-2", "kafka-3"]);
  });

  it("drains a broker before it goes", async () => {
    const before = await lab.containers();
    lab.set("kafka", { brokers: 3, heapMB: 400 });
    const { verdict, told } = await upUnderLoad(lab);
    expect(verdict.problems).toEqual([]);
    const after = await lab.containers();
    expect(anew(before, after)).toEqual([]);
    expect(gone(before, after)).toEqual(["kafka-3"]);
    expect(told.join(" ")).not.toContain("broker 3 has");
  });
});
