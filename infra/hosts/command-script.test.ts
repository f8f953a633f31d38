import { execFileSync } from "node:child_process";
import { execa } from "execa";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commandScript, secretLines } from "./command-script.ts";

/** Runs a command as the machine's shell would. */
function run(command: string, secrets: Record<string, string>, shell = "/bin/sh") {
  const input = secretLines(secrets);
  return execa(shell, ["-c", commandScript(command, secrets)], { input, reject: false, all: true });
}

describe("commandScript", () => {
  it("leaves a command without secrets as it is", () => {
    expect(commandScript("mount -a", {})).toBe("mount -a");
  });

  it.each(["/bin/sh", "/bin/bash"])("hides secrets in what a command says, in %s", async (shell) => {
    const secrets = { KEY: "hunter22", LONGER: "hunter22-and-more" };
    const { exitCode, all } = await run(
      'set -e; echo "[$KEY] $LONGER" >&2; echo $KEY; false; echo never',
      secrets,
      shell,
    );
    expect(exitCode).toBe(1);
    expect(all).toBe("[[secret]] [secret]\n[secret]");
  });

  it("keeps its exit code, and lets it end by exit, comment or a here-document", async () => {
    expect((await run("exit 7 # $KEY", { KEY: "1234" })).exitCode).toBe(7);
    const { exitCode, all } = await run("cat <<END\na ) of $KEY\nEND\n", { KEY: "1234" });
    expect([exitCode, all]).toEqual([0, "a ) of [secret]"]);
  });

  it("gives a command the very text of a secret, and shows none of it", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]{4,40}$/), (value) => {
        const script = commandScript(
          'test "$(printf %s "$KEY" | od -An -tx1 | tr -d " \\n")" = "$0"; echo "<$KEY>"',
          {
            KEY: value,
          },
        );
        const hex = Buffer.from(value).toString("hex");
        const out = execFileSync("/bin/sh", ["-c", script.replace('"$0"', hex)], {
          input: secretLines({ KEY: value }),
          encoding: "utf8",
        });
        expect(out).toBe("<[secret]>\n");
      }),
      { numRuns: 40 },
    );
  });
});
