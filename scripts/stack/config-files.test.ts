import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dropNewSalt, withoutSalt } from "./config-files.ts";

const SALT = "encryptionsalt: v1:abc=:v1:def\n";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "edgelab-config-"));
  await writeFile(join(root, "Pulumi.dev.yaml"), "# as it is in git\nconfig: {}\n");
});
afterEach(() => rm(root, { recursive: true }));

describe("withoutSalt", () => {
  it("puts a file back byte for byte and removes one that only held the salt, also after a failure", async () => {
    const init = withoutSalt(root, true, async () => {
      await writeFile(join(root, "Pulumi.dev.yaml"), `${SALT}config: {}\n`);
      await writeFile(join(root, "Pulumi.new.yaml"), SALT);
      throw new Error("init failed");
    });
    await expect(init).rejects.toThrow("init failed");
    expect(await readFile(join(root, "Pulumi.dev.yaml"), "utf8")).toBe("# as it is in git\nconfig: {}\n");
    expect(await readdir(root)).toEqual(["Pulumi.dev.yaml"]);
  });

  it("keeps what a command changed on purpose", async () => {
    await withoutSalt(root, false, async () => {
      await writeFile(join(root, "Pulumi.dev.yaml"), `${SALT}config:\n  edgelab:producers: 3\n`);
    });
    expect(await readFile(join(root, "Pulumi.dev.yaml"), "utf8")).toBe("config:\n  edgelab:producers: 3\n");
  });
});

describe("dropNewSalt", () => {
  it("leaves a salt that the user has there", () => {
    expect(dropNewSalt(SALT, `${SALT}config: {}\n`)).toBe(`${SALT}config: {}\n`);
  });

  it("keeps a new file that holds more than the salt", () => {
    expect(dropNewSalt(undefined, `${SALT}config: {}\n`)).toBe("config: {}\n");
  });
});
