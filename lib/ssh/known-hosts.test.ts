import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { knownHostKey } from "./host-key.ts";

const folder = mkdtempSync(join(tmpdir(), "edgelab-known-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = join(folder, "known_hosts");
writeFileSync(
  file,
  [
    "@revoked edge1 ssh-ed25519 AAAArevoked",
    "edge1 ssh-rsa AAAArsa",
    "edge1 ssh-ed25519 AAAAed comment",
    "[edge2]:2222 ssh-ed25519 AAAAtwo",
    "",
  ].join("\n"),
);
const endpoint = (address: string, port = 22) => ({ address, port, user: "lab" });

describe("knownHostKey", () => {
  it("prefers the strongest key, and looks for the port", async () => {
    expect(await knownHostKey(endpoint("edge1"), [file])).toBe("ssh-ed25519 AAAAed");
    expect(await knownHostKey(endpoint("edge2", 2222), [join(folder, "none"), file])).toBe(
      "ssh-ed25519 AAAAtwo",
    );
    expect(await knownHostKey(endpoint("edge2"), [file])).toBeUndefined();
  });

  it("finds hashed names", async () => {
    const hashed = join(folder, "hashed");
    writeFileSync(
      hashed,
      "edge3 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0nxRVWMRJCVmQ6oGtZr2h8V8zG8u0Q5V6w0a8wq3aP\n",
    );
    execFileSync("ssh-keygen", ["-q", "-H", "-f", hashed], { stdio: "ignore" });
    expect(await knownHostKey(endpoint("edge3"), [hashed])).toMatch(/^ssh-ed25519 AAAAC3/);
  });
});
