import { describe, expect, it } from "vitest";
import { retainVolumes } from "./retain.ts";
import { describeTakenDown } from "./taken-down.ts";

const docker = (type: string, outputs: object) => ({
  urn: `urn:pulumi:dev::edgelab::docker:index/${type}::x`,
  type: `docker:index/${type}`,
  outputs,
});

const exported = JSON.stringify({
  deployment: {
    resources: [
      {
        type: "pulumi:pulumi:Stack",
        outputs: { placement: { postgres: "vm2", "kafka-0": "vm1", "video-frames": "vm2" } },
      },
      docker("container:Container", {
        name: "edgelab-dev-postgres",
        volumes: [{ volumeName: "edgelab-dev-postgres-data", containerPath: "/data" }],
      }),
      docker("container:Container", { name: "edgelab-dev-video-frames", volumes: [{ hostPath: "/srv/f" }] }),
      docker("container:Container", {
        name: "edgelab-dev-kafka-0",
        volumes: [{ volumeName: "edgelab-dev-kafka-0-data", containerPath: "/data" }],
      }),
      docker("volume:Volume", { name: "edgelab-dev-kafka-0-data" }),
      docker("volume:Volume", { name: "edgelab-dev-postgres-data" }),
      docker("volume:Volume", { name: "edgelab-dev-of-a-service-gone" }),
      { type: "lab:index:Folder", outputs: { path: "/home/me/output" } },
    ],
  },
});

describe("describeTakenDown", () => {
  it("names every service with its host, and every volume with what becomes of it", () => {
    expect(describeTakenDown(exported, "dev").split("\n")).toEqual([
      "host  service       data",
      "────  ────────────  ──────────────────────────────────────",
      "                    /home/me/output: kept unless empty",
      "                    edgelab-dev-of-a-service-gone: deleted",
      "vm1   kafka-0       edgelab-dev-kafka-0-data: deleted",
      "vm2   postgres      edgelab-dev-postgres-data: deleted",
      "vm2   video-frames",
    ]);
  });

  it("says of volumes that are retained that they are kept", () => {
    const lines = describeTakenDown(retainVolumes(exported).state, "dev").split("\n");
    expect(lines.filter((line) => line.includes(": kept"))).toHaveLength(4);
    expect(lines.filter((line) => line.includes("deleted"))).toEqual([]);
  });

  it("has nothing to say of a lab that is not there", () => {
    expect(describeTakenDown('{"deployment": null}', "dev")).toBe("");
    expect(describeTakenDown('{"deployment": {"resources": []}}', "dev")).toBe("");
  });
});
