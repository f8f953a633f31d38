import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureProject } from "./environment.ts";
import { pulumiHome, pulumiSettings } from "./settings.ts";
import { readIfThere } from "./store.ts";

let home = "";
let project = "";
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "edgelab-home-"));
  project = join(home, "checkout with blanks/.edgelab");
});
afterAll(() => rm(home, { recursive: true }));

describe("pulumiSettings", () => {
  it("uses the checkout's own folder where the user has nothing", () => {
    expect(pulumiSettings({ env: { HOME: home }, project })).toEqual({
      PULUMI_HOME: join(project, "pulumi-home"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_BACKEND_URL: `file://${home}/checkout%20with%20blanks/.edgelab/state`,
      PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
      PULUMI_CONFIG_PASSPHRASE_FILE: join(project, "passphrase"),
    });
  });

  it.each([
    [{ PULUMI_CONFIG_PASSPHRASE: "" }, "PULUMI_CONFIG_PASSPHRASE_FILE"],
    [{ PULUMI_CONFIG_PASSPHRASE_FILE: "/mine" }, "PULUMI_CONFIG_PASSPHRASE_FILE"],
    [{ PULUMI_BACKEND_URL: "s3://mine" }, "PULUMI_BACKEND_URL"],
    [{ PULUMI_BACKEND_URL: "s3://mine" }, "PULUMI_CONFIG_PASSPHRASE_FILE"],
    [{ PULUMI_BACKEND_URL: "s3://mine" }, "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER"],
    [{ PULUMI_ACCESS_TOKEN: "pul-1" }, "PULUMI_BACKEND_URL"],
    [{ PULUMI_HOME: "/my/home" }, "PULUMI_HOME"],
  ])("with %o leaves %s to the user", (own, name) => {
    expect(pulumiSettings({ env: { HOME: home, ...own }, project })).not.toHaveProperty(name);
  });

  it("keeps the state elsewhere on demand", () => {
    const { PULUMI_BACKEND_URL } = pulumiSettings({
      env: { HOME: home, EDGELAB_STATE: "/elsewhere" },
      project,
    });
    expect(PULUMI_BACKEND_URL).toBe("file:///elsewhere");
  });

  it("lets a login win, and a logged-out home not", async () => {
    const place = { env: { HOME: home }, project };
    await mkdir(join(home, ".pulumi"));
    await writeFile(join(home, ".pulumi/credentials.json"), JSON.stringify({ current: "", accounts: {} }));
    expect(pulumiSettings(place)).toHaveProperty("PULUMI_BACKEND_URL");
    await writeFile(
      join(home, ".pulumi/credentials.json"),
      JSON.stringify({ current: "https://example.org" }),
    );
    expect(pulumiSettings(place)).not.toHaveProperty("PULUMI_BACKEND_URL");
    expect(pulumiHome(place)).toBe(join(home, ".pulumi"));
    await rm(join(home, ".pulumi"), { recursive: true });
  });
});

describe("ensureProject", () => {
  it("makes a passphrase that only its owner can read, once, also when two do so together", async () => {
    const place = { env: { HOME: home }, project };
    await Promise.all([ensureProject(place), ensureProject(place)]);
    const first = await readIfThere(join(project, "passphrase"));
    await ensureProject(place);
    expect(await readIfThere(join(project, "passphrase"))).toBe(first);
    expect(first?.trim()).toHaveLength(43);
    expect((await stat(join(project, "passphrase"))).mode & 0o777).toBe(0o600);
    expect((await stat(project)).mode & 0o777).toBe(0o700);
  });
});
