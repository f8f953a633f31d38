import { describe, expect, it } from "vitest";
import { freePort } from "../../apps/common/testing/free-ports.ts";
import type { Context } from "../../lib/provider/handler.ts";
import { startSshd } from "../../lib/ssh/testing/sshd.ts";
import { machineDiff, machineHandler } from "./machine.ts";
import type { MachineInputs, MachineOutputs } from "./machine-inputs.ts";
import { factsIn, scriptOf } from "./machine-scripts.ts";
import { firewallRules, openWithoutFirewall } from "./machine-steps.ts";

const inputs: MachineInputs = {
  name: "edge1",
  connection: { address: "127.0.0.1", port: 1, user: "lab" },
  project: "edgelab",
  stack: "it's",
  prepare: true,
  waitSeconds: 1,
  keepData: false,
  firewall: { enabled: true, peers: ["10.0.0.2", "10.0.0.3"], peerPorts: [9092, 9093], openPorts: [] },
  needs: { memoryMB: 100, diskGB: 1, listeners: [] },
};
const outputs: MachineOutputs = {
  ...inputs,
  pinned: inputs.connection,
  machineId: "one",
  os: "Debian",
  cpus: 1,
  memoryMB: 1000,
  diskGB: 10,
  dockerVersion: "26.1.5",
  timeSynced: "yes",
  ready: true,
  lost: false,
};

function recorder(): { context: Context; logged: string[] } {
  const logged: string[] = [];
  const log: Context["log"] = async (severity, message) => {
    logged.push(`${severity}: ${message}`);
  };
  return {
    logged,
    context: { urn: "urn:m", signal: new AbortController().signal, log, status: async () => {} },
  };
}

describe("a machine's inputs", () => {
  it("fail by name", () => {
    expect(machineHandler.check({ ...inputs, nmae: "x" }, undefined).failures).toMatchObject([
      { property: "nmae" },
    ]);
    const wrong = { ...inputs, firewall: { ...inputs.firewall, peers: ["10.0.0"] } };
    expect(machineHandler.check(wrong, undefined).failures).toMatchObject([{ property: "firewall.peers.0" }]);
    expect(machineHandler.check(inputs, undefined).failures).toEqual([]);
  });
});

describe("a machine's changes", () => {
  const changes = (news: Partial<MachineInputs>, was: Partial<MachineOutputs> = {}) =>
    machineDiff({ inputs, outputs: { ...outputs, ...was } }, { ...inputs, ...news }).changes;

  it("are made on it, unless another machine stands behind the name", () => {
    expect(changes({})).toEqual({});
    expect(changes({ firewall: { ...inputs.firewall, openPorts: [80] } })).toEqual({
      "firewall.openPorts[0]": "update",
    });
    expect(changes({ stack: "other" })).toEqual({ stack: "replace" });
  });

  it("make everything on it anew when another machine stands behind the name", () => {
    const renewed = (news: Partial<MachineInputs>, was: Partial<MachineOutputs> = {}) =>
      machineHandler.renewed?.({ inputs, outputs: { ...outputs, ...was } }, { ...inputs, ...news });
    expect(changes({ instance: "vm-2" })).toEqual({ instance: "update" });
    expect(changes({}, { lost: true })).toEqual({ machineId: "update" });
    expect(renewed({ instance: "vm-2" })).toEqual(["machineId"]);
    expect(renewed({}, { lost: true })).toEqual(["machineId"]);
    expect(renewed({ waitSeconds: 2, jumpInstance: "vm-2" })).toEqual([]);
  });

  it("are refused when services need more memory than it has", () => {
    expect(() => changes({ needs: { memoryMB: 1001, diskGB: 0, listeners: [] } })).toThrow("it has 1000 MB");
    expect(
      changes({ needs: { memoryMB: 1001, diskGB: 0, listeners: [] }, instance: "larger" }),
    ).toMatchObject({
      instance: "update",
    });
    expect(changes({ needs: { memoryMB: 999, diskGB: 0, listeners: [] } })).toEqual({});
  });

  it("mend what somebody has undone by hand", () => {
    expect(changes({}, { ready: false })).toEqual({ ready: "update" });
  });
});

describe("openWithoutFirewall", () => {
  const listeners = [
    { address: "10.0.0.1", port: 9092, key: "kafka.insidePort" },
    { address: "127.0.0.1", port: 9601, key: "ports.offset" },
  ];
  const open = { ...inputs, needs: { ...inputs.needs, listeners } };
  const firewall = { ...inputs.firewall, enabled: false };

  it("names what others reach, and nothing where the lab's firewall stands or nothing listens for others", () => {
    expect(openWithoutFirewall({ ...open, firewall })).toMatch(
      /edge1: .* 10\.0\.0\.1:9092 is open to whoever/,
    );
    expect(openWithoutFirewall(open)).toBeUndefined();
    expect(openWithoutFirewall({ ...inputs, firewall })).toBeUndefined();
  });
});

describe("firewallRules", () => {
  it("let in peers to their ports, everybody to the open ones, and nobody else", () => {
    expect(firewallRules({ ...inputs.firewall, openPorts: [8080, 8080] })).toEqual([
      "ip saddr { 10.0.0.2, 10.0.0.3 } tcp dport { 9092, 9093 } accept",
      "tcp dport { 8080 } accept",
    ]);
    expect(firewallRules({ ...inputs.firewall, peers: [] })).toEqual([]);
  });
});

describe("a machine's scripts", () => {
  it.each(["prepare.sh", "confirm.sh", "undo.sh"])("%s takes any value as it is", (file) => {
    const script = scriptOf(inputs, file, { RULES: "a'b\n$(c)" });
    expect(script).toContain("STACK='it'\\''s'");
    expect(script).toContain("RULES='a'\\''b\n$(c)'");
  });

  it("tell facts in their last line of them", () => {
    const line = (docker: string, firewall: boolean) =>
      `step: x\nfacts: {"machineId":"m","os":"Debian","cpus":2,"memoryMB":3,"diskGB":4,"docker":"${docker}","firewall":${firewall},"timeSynced":"no"}`;
    expect(factsIn(line("26.1", true), true)).toMatchObject({
      machineId: "m",
      dockerVersion: "26.1",
      ready: true,
    });
    expect(factsIn(line("26.1", false), true).ready).toBe(false);
    expect(factsIn(line("26.1", false), false).ready).toBe(true);
    expect(factsIn(line("", true), true).ready).toBe(false);
    expect(() => factsIn("nothing", true)).toThrow("did not say");
  });
});

describe("a machine that does not answer", () => {
  it("is waited for no longer than it may take", async () => {
    const connection = { ...inputs.connection, port: await freePort() };
    const creating = machineHandler.create({ ...inputs, connection }, recorder().context);
    await expect(creating).rejects.toThrow(
      /edge1 did not answer within 1 s \(ssh.waitSeconds\).*does not answer/s,
    );
  });

  it("is taken as it was by a refresh, with a warning", async () => {
    const pinned = { ...inputs.connection, port: await freePort() };
    const { context, logged } = recorder();
    const read = await machineHandler.read("edge1", { ...outputs, pinned }, inputs, context);
    expect(read?.outputs).toEqual({ ...outputs, pinned });
    expect(logged).toMatchObject([
      expect.stringMatching(/^warning: edge1 is taken as it was: .*does not answer/),
    ]);
  });

  it("does not hold up a deletion, which tells what is left", async () => {
    const pinned = { ...inputs.connection, port: await freePort() };
    const { context, logged } = recorder();
    await machineHandler.delete("edge1", { ...outputs, pinned }, context);
    expect(logged).toMatchObject([
      expect.stringContaining("bash '/var/lib/edgelab/stacks/edgelab-it'\\''s/undo'"),
    ]);
  });
});

describe("a machine that refuses the key", () => {
  it("fails at once, and a deletion as well, as all would stay there", async () => {
    const sshd = await startSshd();
    try {
      const connection = { ...sshd.connection, keyFile: sshd.foreignKey };
      const { context } = recorder();
      const waiting = { ...inputs, connection, waitSeconds: 600 };
      await expect(machineHandler.create(waiting, context)).rejects.toThrow(/refuses the key .*ssh-copy-id/s);
      const deleting = machineHandler.delete("edge1", { ...outputs, pinned: connection }, context);
      await expect(deleting).rejects.toThrow(
        /nothing was removed there.*pulumi state delete --force 'urn:m'/s,
      );
    } finally {
      await sshd.stop();
    }
  });
});
