import { describe, expect, it } from "vitest";
import { describeSilent, type SilentHost } from "./reachable.ts";

const off: SilentHost = {
  host: "edge1",
  reason: "edge1 does not answer",
  fix: "see that it runs",
  transient: true,
};
const changed: SilentHost = {
  host: "edge2",
  reason: "edge2 has another host key than before",
  fix: "ssh-keyscan edge2",
  transient: false,
};

describe("describeSilent", () => {
  it("says of a host that is off what can be done on the lab's target", () => {
    const text = describeSilent([off], "ssh");
    expect(text).toMatch(
      /some hosts do not answer:\n {2}edge1: .*\n {2}fix: bring them back, or take them out/,
    );
    expect(text).not.toContain("see that it runs");
    expect(describeSilent([off], "openstack")).toContain("openstack server delete");
  });

  it("does not say of a host that shows another key that it does not answer", () => {
    const text = describeSilent([changed], "ssh");
    expect(text).toMatch(
      /some hosts cannot be asked:\n {2}edge2: .*another host key.*\n {4}fix: ssh-keyscan edge2$/,
    );
    expect(text).not.toMatch(/do not answer|bring them back/);
  });
});
