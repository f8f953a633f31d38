import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { needsPassphrase } from "./key.ts";

const folder = mkdtempSync(join(tmpdir(), "edgelab-key-"));
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  ["ed25519", "", [], false],
  ["ed25519", "a passphrase", [], true],
  ["rsa", "", ["-m", "PEM"], false],
  ["rsa", "a passphrase", ["-m", "PEM"], true],
  ["ecdsa", "a passphrase", ["-m", "PKCS8"], true],
])("a key of %s with the passphrase %j %j needs it: %s", (type, passphrase, more, needs) => {
  const file = join(folder, `${type}-${passphrase.length}-${more.join("")}`);
  execFileSync("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-f", file, ...more]);
  expect(needsPassphrase(readFileSync(file, "utf8"))).toBe(needs);
});
