import { describe, expect, it } from "vitest";
import {
  type Checked,
  dataVolumesProtected,
  marked,
  noOpenSecurityGroups,
  noPlaintextSecrets,
  portsOnLoopback,
} from "./rules.ts";

const container = "docker:index/container:Container";
const volume = "docker:index/volume:Volume";
const groupRule = "openstack:networking/secGroupRule:SecGroupRule";
const resource = (type: string, props: Checked["props"], settings = {}): Checked => ({
  type,
  name: "it",
  props,
  settings: { sshCidrs: [], keepData: false, ...settings },
});
const all = ["edgelab.lab", "edgelab.pipeline", "edgelab.project", "edgelab.role", "edgelab.stack"];
const labels = all.map((label) => ({ label, value: label === "edgelab.role" ? "data" : "x" }));

describe("noOpenSecurityGroups", () => {
  const ingress = { direction: "ingress", protocol: "tcp", portRangeMin: 22, portRangeMax: 22 };
  const config = { sshCidrs: ["203.0.113.7/32", "0.0.0.0/0"] };

  it.each([
    ["SSH from a configured network", { ...ingress, remoteIpPrefix: "203.0.113.7/32" }],
    ["SSH from everywhere, where that is configured", { ...ingress, remoteIpPrefix: "0.0.0.0/0" }],
    [
      "a port for members of a group",
      { ...ingress, portRangeMin: 9092, portRangeMax: 9092, remoteGroupId: "a" },
    ],
    ["anything outgoing", { direction: "egress", remoteIpPrefix: "0.0.0.0/0" }],
  ])("allows %s", (_what, props) => {
    expect(noOpenSecurityGroups(resource(groupRule, props, config))).toEqual([]);
  });

  it.each([
    [
      "a port to the world",
      { ...ingress, portRangeMin: 9092, portRangeMax: 9092, remoteIpPrefix: "0.0.0.0/0" },
      /opens tcp 9092-9092 to the world/,
    ],
    [
      "everything to the world over IPv6",
      { direction: "ingress", remoteIpPrefix: "::/0" },
      /opens everything any-any/,
    ],
    [
      "a port to nobody in particular",
      { ...ingress, portRangeMin: 1, portRangeMax: 65_535, remoteGroupId: "" },
      /opens tcp 1-65535/,
    ],
    [
      "a port without any source",
      { ...ingress, portRangeMin: 9092, portRangeMax: 9092 },
      /opens tcp 9092-9092 to the world/,
    ],
    [
      "SSH from a network that is not configured",
      { ...ingress, remoteIpPrefix: "198.51.100.0/24" },
      /sshCidrs do not name/,
    ],
  ])("refuses %s", (_what, props, message) => {
    expect(noOpenSecurityGroups(resource(groupRule, props, config))[0]).toMatch(message);
  });

  it("refuses SSH from everywhere where nothing is configured", () => {
    const open = resource(groupRule, { ...ingress, remoteIpPrefix: "0.0.0.0/0" });
    expect(noOpenSecurityGroups(open)).toHaveLength(1);
  });
});

describe("portsOnLoopback", () => {
  it("refuses every address but the loopback one", () => {
    const ports = [{ external: 1, ip: "127.0.0.1" }, { external: 2, ip: "0.0.0.0" }, { external: 3 }];
    const problems = portsOnLoopback(resource(container, { ports }));
    expect(problems.map((problem) => problem.split(":")[0])).toEqual([
      "publishes port 2 on 0.0.0.0",
      "publishes port 3 on every address",
    ]);
  });
});

describe("marked", () => {
  it.each([
    [container, { labels }],
    ["openstack:networking/port:Port", { tags: ["edgelab.project=edgelab", "edgelab.stack=dev"] }],
    [
      "openstack:compute/instance:Instance",
      { metadata: { "edgelab.project": "edgelab", "edgelab.stack": "dev" } },
    ],
    ["lab:kafka:Topic", {}],
  ])("is content with %s that is", (type, props) => {
    expect(marked(resource(type, props))).toEqual([]);
  });

  it.each([
    [volume, { labels: labels.slice(1) }, /no edgelab\.lab among its labels/],
    [container, {}, /no edgelab\.lab, edgelab\.pipeline, edgelab\.project, edgelab\.role, edgelab\.stack/],
    [
      "openstack:networking/router:Router",
      { tags: ["edgelab.project=edgelab"] },
      /no edgelab\.stack among its tags/,
    ],
    ["openstack:compute/instance:Instance", {}, /among its metadata/],
  ])("names what %s lacks", (type, props, message) => {
    expect(marked(resource(type, props))[0]).toMatch(message);
  });
});

describe("noPlaintextSecrets", () => {
  it("lets variables name files", () => {
    const envs = ["POSTGRES_PASSWORD_FILE=/run/secrets/postgres-password", "KAFKA_TOPIC_NAME=a", "TOKEN="];
    expect(noPlaintextSecrets(resource(container, { envs }))).toEqual([]);
  });

  it.each([
    [container, { envs: ["POSTGRES_PASSWORD=hunter2"] }, /value for POSTGRES_PASSWORD/],
    [container, { envs: ["mqtt_token=abc"] }, /value for mqtt_token/],
    [container, { envs: ["URL=rtsp://admin:hunter2@10.0.0.7/main"] }, /URL with a password in its envs/],
    [
      container,
      { command: ["run", "--key", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA"] },
      /private key in its command/,
    ],
    [
      "openstack:compute/instance:Instance",
      { userData: "-----BEGIN RSA PRIVATE KEY-----" },
      /private key in its userData/,
    ],
  ])("refuses one in %s", (type, props, message) => {
    const problems = noPlaintextSecrets(resource(type, props));
    expect(problems[0]).toMatch(message);
    expect(problems.join()).not.toContain("hunter2");
  });
});

describe("dataVolumesProtected", () => {
  it("wants a volume of data to have a name and a disk", () => {
    expect(dataVolumesProtected(resource(volume, { labels, name: "a" }), false)).toEqual([]);
    expect(dataVolumesProtected(resource(volume, { labels }), false)).toHaveLength(1);
    const inMemory = { labels, name: "a", driverOpts: { type: "tmpfs" } };
    expect(dataVolumesProtected(resource(volume, inMemory), false)[0]).toMatch(/keeps them in memory/);
  });

  it("wants a VM's volume to be protected where data are kept", () => {
    const kept = resource("openstack:blockstorage/volume:Volume", {}, { keepData: true });
    expect(dataVolumesProtected(kept, false)).toHaveLength(1);
    expect(dataVolumesProtected(kept, true)).toEqual([]);
    expect(dataVolumesProtected({ ...kept, settings: { sshCidrs: [], keepData: false } }, false)).toEqual([]);
  });
});
