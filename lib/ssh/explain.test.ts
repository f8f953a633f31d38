import { describe, expect, it } from "vitest";
import type { Connection } from "./connection.ts";
import { explain } from "./explain.ts";

const jump = { address: "203.0.113.7", port: 22, user: "cc", keyFile: "/k/jump" };
const direct: Connection = { address: "10.0.0.4", port: 2200, user: "lab", keyFile: "/k/lab" };
const behind: Connection = { ...direct, jump };
const said = (stderr: string, code: number | null = 255, connection = direct) =>
  explain(connection, { stderr, code });

describe("explain", () => {
  it("names the jump host when it is the one that refuses", () => {
    const closed = "Connection closed by UNKNOWN port 65535";
    const atJump = said(`cc@203.0.113.7: Permission denied (publickey).\n${closed}`, 255, behind);
    expect(atJump.reason).toBe("the jump host cc@203.0.113.7 refuses the key /k/jump");
    const atEnd = said("lab@10.0.0.4: Permission denied (publickey,password).", 255, behind);
    expect(atEnd.reason).toBe("lab@10.0.0.4:2200 refuses the key /k/lab");
  });

  it("tells a jump host that forwards nothing", () => {
    const { reason, transient } = said(
      "channel 0: open failed: administratively prohibited: open failed\nstdio forwarding failed",
      255,
      behind,
    );
    expect(reason).toBe("cc@203.0.113.7 does not let connections be forwarded to 10.0.0.4");
    expect(transient).toBe(false);
  });

  it("tells sudo's refusal with the line that mends it", () => {
    for (const line of ["sudo: a password is required", "bash: line 1: sudo: command not found"]) {
      const code = line.startsWith("bash") ? 127 : 1;
      expect(said(line, code)).toMatchObject({
        reason: "lab may not become root by sudo without a password on lab@10.0.0.4:2200",
        fix: expect.stringContaining("echo 'lab ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/edgelab"),
        transient: false,
        refused: true,
      });
    }
  });

  it("does not take a command's own trouble for ssh's", () => {
    const apt =
      "apt-get cannot install docker.io: Connection timed out; see that the host reaches its mirror";
    expect(said(apt, 3)).toEqual({
      reason: `lab@10.0.0.4:2200: ${apt}`,
      fix: "",
      transient: false,
      refused: false,
    });
    expect(said("curl: (7) Connection refused", 7).fix).toBe(
      "look there: ssh -i /k/lab -p 2200 lab@10.0.0.4",
    );
  });

  it.each([
    ["ssh: connect to host 10.0.0.4 port 2200: No route to host", true],
    ["kex_exchange_identification: Connection closed by remote host", true],
    ["Connection timed out during banner exchange", true],
    ["timed out after 15 s", true],
    ["something that nobody has seen yet", true],
    ["Host key verification failed.", false],
    ["ssh: Could not resolve hostname nosuch: Name or service not known", false],
    ["command-line: line 0: Bad configuration option: knownhostscommand", false],
  ])("says whether waiting may help: %s", (line, transient) => {
    expect(said(line).transient).toBe(transient);
  });

  it("has a way to mend each trouble that it knows", () => {
    expect(said("Host key verification failed.").fix).toContain("ssh-keyscan -p 2200 -t ed25519 10.0.0.4");
    expect(said("REMOTE HOST IDENTIFICATION HAS CHANGED!").fix).toContain("ssh-keygen -R '[10.0.0.4]:2200'");
    expect(
      said('Load key "/k/lab": invalid format\nlab@10.0.0.4: Permission denied (publickey).'),
    ).toMatchObject({
      reason: expect.stringContaining("invalid format"),
      fix: expect.stringContaining("chmod 600"),
    });
  });
});
