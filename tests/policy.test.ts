import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestLab } from "./support/lab.ts";

const root = join(import.meta.dirname, "..");
const pack = ["--policy-pack", join(root, "policy")];
const folder = mkdtempSync(join(tmpdir(), "edgelab-policy-"));
const lab = new TestLab("policy", {
  "ports.offset": 9000,
  pipelines: "all",
  "grayscale.outputFolder": join(folder, "output"),
});

beforeAll(() => lab.init());
afterAll(async () => {
  await lab.remove();
  rmSync(folder, { recursive: true });
});

describe("the policy pack", () => {
  it("finds nothing wrong with a lab of all pipelines", async () => {
    const { exitCode, text } = await lab.preview(...pack);
    expect(exitCode, text).toBe(0);
    expect(text).toContain("edgelab@");
    expect(text).not.toContain("[mandatory]");
  });

  it("stops whatever breaks one of its rules, and says what to do", async () => {
    mkdirSync(join(folder, "state"));
    const settings = join(folder, "policy.json");
    writeFileSync(settings, JSON.stringify({ "data-volumes-protected": { keepData: true } }));
    const env = {
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_HOME: join(folder, "home"),
      PULUMI_CONFIG_PASSPHRASE: "of a stack that is only previewed",
      NO_COLOR: "1",
    };
    const careless = (...args: string[]) =>
      execa(
        join(root, "scripts/pulumi"),
        [...args, "--non-interactive", "--cwd", join(root, "tests/policy")],
        {
          cwd: root,
          env,
          reject: false,
          all: true,
        },
      );
    const made = await careless("stack", "init", "careless");
    try {
      expect(made.exitCode, made.all).toBe(0);
      const { exitCode, all } = await careless(
        "preview",
        "--stack",
        "careless",
        "--policy-pack-config",
        settings,
        ...pack,
      );
      expect(exitCode).not.toBe(0);
      for (const message of [
        /ports-on-loopback[\s\S]*exposed publishes port 80 on 0\.0\.0\.0: give it ip 127\.0\.0\.1/,
        /no-plaintext-secrets[\s\S]*talkative has a value for MQTT_PASSWORD in its environment/,
        /marked[\s\S]*unmarked has no edgelab\.lab, edgelab\.pipeline/,
        /data-volumes-protected[\s\S]*volatile has data that keepData keeps, but is not protected/,
        /no-open-security-groups[\s\S]*welcoming opens tcp 9092-9092 to the world/,
      ]) {
        expect(all).toMatch(message);
      }
      expect(all).not.toContain("hunter2");
    } finally {
      rmSync(join(root, "tests/policy/Pulumi.careless.yaml"), { force: true });
    }
  });
});
