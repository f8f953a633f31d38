import { writeFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError } from "../config/config.ts";
import { parseConfig, planLab } from "../pipelines/all.ts";
import { standUp } from "../stand-up.ts";
import { checkoutForTests } from "../testing/checkout.ts";
import { type Recorded, recordResources, settled, unitLab } from "../testing/mocks.ts";

const key =
  "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUA\n-----END OPENSSH PRIVATE KEY-----\n";
const names = ["m1", "m2", "m3"];

let root: string;
let remove: () => void;
beforeEach(() => {
  ({ root, remove } = checkoutForTests());
  writeFileSync(`${root}/key`, key);
});
afterEach(() => remove());

interface Entry {
  readonly name: string;
  readonly on: readonly string[];
  readonly create: string;
  readonly update?: string;
  readonly delete?: string;
}

/** A lab on three machines, or on this one, with these commands. */
async function recordedWith(
  commands: readonly Entry[],
  { target = "ssh", secrets = {} }: { target?: "ssh" | "local"; secrets?: Record<string, string> } = {},
) {
  const recorded = await recordResources();
  const hosts = names.map((name, index) => ({
    name,
    address: `10.0.0.${index + 1}`,
    hostKey: `ssh-ed25519 AAAA${name}`,
    keyFile: `${root}/key`,
    ...(name === "m3" ? { jump: "m1" } : {}),
  }));
  const config = parseConfig(
    {
      target,
      "ssh.hosts": JSON.stringify(hosts),
      "hosts.commands": JSON.stringify(commands),
      "hosts.secrets": JSON.stringify(secrets),
    },
    { secretKeys: new Set(["hosts.secrets"]) },
  );
  const plan = planLab(config);
  await settled(pulumi.output(standUp({ lab: unitLab(), config, plan, root })));
  await pulumi.runtime.disconnect();
  return { recorded, plan };
}

/** How a secret goes over Pulumi's protocol. */
const secret = (value: unknown) => ({ ...secretMark, value });
const secretMark = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

const isCommand = ({ type }: Recorded) => type.startsWith("command:");
const placeOf = (recorded: readonly Recorded[], name: string) => {
  const found = recorded.findIndex((one) => one.name === name);
  if (found < 0) throw new Error(`${name} was not declared`);
  return found;
};

describe("hosts.commands", () => {
  it("are run on each machine in order, and before any service there", async () => {
    const on = fc.subarray(names, { minLength: 1 });
    const entry = fc.record({ on, undone: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 4 }), async (drawn) => {
        const commands = drawn.map((each, index) => ({
          name: `c${index}`,
          on: each.on,
          create: "true",
          ...(each.undone ? { delete: "true" } : {}),
        }));
        const { recorded, plan } = await recordedWith(commands);
        const steps = commands.map((command) =>
          command.on.flatMap((host) =>
            ["", ...("delete" in command ? [":undo"] : [])].map((end) => `${host}:${command.name}${end}`),
          ),
        );
        const places = steps.map((step) => step.map((name) => placeOf(recorded, name)));
        for (const [index, step] of places.slice(1).entries()) {
          expect(Math.min(...step)).toBeGreaterThan(Math.max(...(places[index] ?? [])));
        }
        const all = recorded.filter(isCommand).map(({ name }) => name);
        expect(all.toSorted()).toEqual(steps.flat().toSorted());
        for (const { name, host } of plan.services) {
          const own = all.filter((command) => command.startsWith(`${host}:`));
          for (const command of own) {
            expect(placeOf(recorded, command)).toBeLessThan(placeOf(recorded, `${host}-${name}`));
          }
        }
      }),
      { numRuns: 8 },
    );
  });

  it("go over a connection whose host keys are known, through the jump where there is one", async () => {
    const { recorded } = await recordedWith([
      { name: "nfs", on: ["m3"], create: "mount -a", delete: "umount -a" },
    ]);
    const [done, undo] = recorded.filter(isCommand);
    expect(done?.inputs).toEqual({
      create: "mount -a",
      addPreviousOutputInEnv: false,
      triggers: ["id-of-m3-machine"],
      connection: secret({
        host: "10.0.0.3",
        user: "root",
        port: 22,
        privateKey: key,
        hostKey: "ssh-ed25519 AAAAm3",
        dialErrorLimit: 10,
        perDialTimeout: 15,
        proxy: expect.objectContaining({ host: "10.0.0.1", hostKey: "ssh-ed25519 AAAAm1", privateKey: key }),
      }),
    });
    expect(undo?.name).toBe("m3:nfs:undo");
    expect(undo?.inputs).toMatchObject({ delete: "umount -a" });
    expect(undo?.inputs).not.toHaveProperty("triggers");
    expect(undo?.inputs).not.toHaveProperty("create");
  });

  it("are run by this machine's own shell where the lab is here", async () => {
    const { recorded } = await recordedWith([{ name: "sysctl", on: ["local"], create: "a", update: "b" }], {
      target: "local",
    });
    const commands = recorded.filter(isCommand);
    expect(commands).toEqual([
      {
        type: "command:local:Command",
        name: "local:sysctl",
        inputs: { create: "a", update: "b", addPreviousOutputInEnv: false },
      },
    ]);
    expect(placeOf(recorded, "local:sysctl")).toBeLessThan(placeOf(recorded, "local-network"));
  });

  it("have the secrets that they name, and those only by standard input", async () => {
    const { recorded } = await recordedWith(
      [
        { name: "nfs", on: ["local"], create: 'login "$NFS_KEY"' },
        { name: "other", on: ["local"], create: "true" },
      ],
      { target: "local", secrets: { NFS_KEY: "hunter22", UNUSED: "hunter33" } },
    );
    const [nfs, other] = recorded.filter(isCommand).map(({ inputs }) => inputs);
    const { stdin, ...shown } = nfs ?? {};
    expect(stdin).toEqual(secret("export NFS_KEY='hunter22'\n"));
    expect(shown.logging).toBe("none");
    expect(JSON.stringify(shown)).not.toContain("hunter22");
    expect(other).toEqual({ create: "true", addPreviousOutputInEnv: false });
  });

  it("name hosts that are there", async () => {
    const commands = [{ name: "nfs", on: ["loca", "m7"], create: "mount -a" }];
    const problem = await recordedWith(commands, { target: "local" }).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(ConfigError);
    expect(String(problem)).toContain("names hosts that are not there (nfs: loca, nfs: m7); there are local");
    expect(String(problem)).toContain(`'[{"name":"nfs","on":["local"],"create":"mount -a"}]'`);
  });
});
