import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { disturbed, drilled, failedDrill } from "../support/drill.ts";
import { TestLab } from "../support/lab.ts";

/** How long faults go on: long enough for each kind on each role. */
const minutes = process.env.DRILL_MINUTES ?? "30";

describe("a lab with frames and images", () => {
  const lab = new TestLab("drill", {
    ports: { offset: 1500 },
    video: { enabled: true },
    grayscale: { enabled: true },
  });

  beforeAll(async () => {
    await lab.init();
    await lab.up();
  });
  afterAll(() => lab.remove());

  it("loses nothing that was acknowledged, whatever fails", async () => {
    const { faults, probes } = await drilled(lab, ["--seed", "1", "--minutes", minutes, "--limit", "180"]);
    expect(faults.length).toBeGreaterThan(0);
    expect(probes.map(({ acked }) => acked)).not.toContain(0);
  });

  it("puts ten thousand malformed messages of each topic aside, and lets all others through", async () => {
    await disturbed(lab, ["--malformed", "10000", "--limit", "300"]);
  });
});

describe.each([
  { mode: "kraft", version: "4.2" },
  { mode: "zookeeper", version: "3.9" },
])("a lab with one replica of everything, coordinated by $mode", (coordination) => {
  const lab = new TestLab(`one-replica-${coordination.mode}`, {
    ports: { offset: 1500 },
    kafka: { ...coordination, replication: 1, minInsync: 1 },
  });

  beforeAll(async () => {
    await lab.init();
    await lab.up();
  });
  afterAll(() => lab.remove());

  it("is said to have lost what was acknowledged by a broker that lost its disk", async () => {
    const args = ["--seed", "1", "--minutes", "1", "--acks", "leader", "--faults", "wipe", "--limit", "120"];
    const { probes } = await failedDrill(lab, args);
    const lost = probes.flatMap(({ ends }) => ends.flatMap((end) => end.lost));
    expect(lost.length).toBeGreaterThan(0);
  });
});
