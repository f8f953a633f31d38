import { describe, expect, it } from "vitest";
import { authorize, parseChallenges } from "./http-auth.ts";

/** The example of RFC 7616 §3.9.1. */
const example = {
  user: "Mufasa",
  password: "Circle of Life",
  method: "GET",
  uri: "/dir/index.html",
};
const cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
const challenge = (algorithm: string) =>
  `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
  `nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;

describe("authorize", () => {
  it.each([
    ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
    ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"],
  ])("answers Digest with %s as RFC 7616 does", (algorithm, response) => {
    const header = authorize(parseChallenges(challenge(algorithm)), example, cnonce);
    expect(header).toContain(`response="${response}"`);
    expect(header).toContain('opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"');
  });

  it("answers the older form without qop as RFC 2069 does", () => {
    // The example of RFC 2617 §3.5 less its qop; the hash is MD5(HA1:nonce:HA2).
    const old = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"';
    const header = authorize(parseChallenges(old), { ...example, password: "Circle Of Life" });
    expect(header).toContain('response="670fd8c2df070c60b045671b8b24ff02"');
    expect(header).not.toContain("qop");
  });

  it("prefers SHA-256 to MD5 and Digest to Basic, in whatever order they are offered", () => {
    const all = parseChallenges(`Basic realm="a, b", ${challenge("MD5")}, ${challenge("SHA-256")}`);
    expect(all.map(({ scheme }) => scheme)).toEqual(["basic", "digest", "digest"]);
    expect(authorize(all, example)).toContain("algorithm=SHA-256");
    expect(authorize(all.slice(0, 2), example)).toContain("algorithm=MD5");
    expect(authorize(all.slice(0, 1), example)).toBe("Basic TXVmYXNhOkNpcmNsZSBvZiBMaWZl");
    expect(authorize(parseChallenges("Negotiate"), example)).toBeUndefined();
  });
});
