import { describe, expect, it } from "vitest";
import { bracketed, destination, dockerHost, sshOptions } from "./arguments.ts";

const plain = { address: "10.0.0.4", port: 22, user: "lab" };

describe("options of ssh", () => {
  it("never ask anything, and never take another host key", () => {
    const options = sshOptions(plain);
    expect(options).toContain("BatchMode=yes");
    expect(options).toContain("StrictHostKeyChecking=yes");
    expect(options).not.toContain("-i");
    expect(options.join()).not.toContain("KnownHosts");
  });

  it("take only the given key, and only the given host key", () => {
    const options = sshOptions({ ...plain, keyFile: "/k/lab", hostKey: "ssh-ed25519 AAAA" });
    expect(options).toEqual(expect.arrayContaining(["-i", "/k/lab", "IdentitiesOnly=yes"]));
    expect(options).toContain("KnownHostsCommand=/bin/echo %H ssh-ed25519 AAAA");
    expect(options).toContain("UserKnownHostsFile=/dev/null");
  });

  it("go through a jump host with its own key and host key", () => {
    const jump = {
      address: "203.0.113.7",
      port: 2222,
      user: "cc",
      keyFile: "/my keys/j",
      hostKey: "ssh-rsa B",
    };
    const proxy = sshOptions({ ...plain, jump }).find((word) => word.startsWith("ProxyCommand="));
    expect(proxy).toContain("-i '/my keys/j'");
    // ssh expands the percent signs of the whole command once.
    expect(proxy).toContain("'KnownHostsCommand=/bin/echo %%H ssh-rsa B'");
    expect(proxy).toMatch(/ -W %h:%p -p 2222 cc@203\.0\.113\.7$/);
  });
});

describe("addresses", () => {
  it("are written as each place wants them", () => {
    expect(destination(plain)).toEqual(["-p", "22", "lab@10.0.0.4"]);
    expect(dockerHost(plain)).toBe("ssh://lab@10.0.0.4:22");
    expect(dockerHost({ ...plain, address: "fd00::4" })).toBe("ssh://lab@[fd00::4]:22");
    expect(bracketed("::1")).toBe("[::1]");
  });
});
