import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { carrySecrets, decode, encode, equal, hasUnknown, secretTexts, UNKNOWN } from "./values.ts";

describe("decode and encode", () => {
  it("are each other's inverse, secrets and unknown values included", () => {
    const value = { name: "a", list: [{ deep: "hidden" }], later: UNKNOWN, none: null, n: 1.5, yes: true };
    const secrets = [["later"], ["list", 0, "deep"]];
    const decoded = decode(encode(value, secrets));
    expect(decoded.value).toEqual(value);
    expect(decoded.secrets.toSorted()).toEqual(secrets);
  });

  it("keep any JSON as it is", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]+$/), fc.jsonValue()), (value) => {
        // JSON has no -0; and a property called __proto__ is lost in protobuf's own objects.
        fc.pre(!JSON.stringify(value).includes("__proto__"));
        const plain: object = JSON.parse(JSON.stringify(value));
        expect(decode(encode(plain)).value).toEqual(plain);
      }),
    );
  });

  it("leave out what is undefined", () => {
    expect(decode(encode({ a: 1, b: undefined })).value).toEqual({ a: 1 });
  });
});

describe("carrySecrets", () => {
  const source = decode(
    encode({ uploads: [{ file: "/a", content: "hidden" }] }, [["uploads", 0, "content"]]),
  );

  it("keeps the path of a secret that is still in its place", () => {
    const produced = { uploads: [{ file: "/a", content: "hidden" }], id: 1 };
    expect(carrySecrets(source, produced)).toEqual([["uploads", 0, "content"]]);
  });

  it("makes the whole property secret when its parts have moved", () => {
    const produced = { uploads: [{ file: "/b" }, { file: "/a", content: "hidden" }] };
    expect(carrySecrets(source, produced)).toEqual([["uploads"]]);
  });

  it("marks outputs that are secret by themselves, if they are there", () => {
    expect(carrySecrets(decode(undefined), { result: "x" }, ["result", "absent"])).toEqual([["result"]]);
  });
});

describe("secretTexts", () => {
  it("covers values of NAME=value, single lines and nested texts, but not scraps", () => {
    const secrets = [["envs", 0], ["key"], ["pin"]];
    const value = { envs: ["PASSWORD=hunter22"], key: "line-one\nline-two", pin: "123", open: "visible" };
    const texts = secretTexts({ value, secrets });
    expect(texts).toEqual(expect.arrayContaining(["PASSWORD=hunter22", "hunter22", "line-one", "line-two"]));
    expect(texts).not.toContain("123");
    expect(texts).not.toContain("visible");
  });
});

describe("equal and hasUnknown", () => {
  it.each([
    [{ a: undefined }, {}, true],
    [[1, [2]], [1, [2]], true],
    [[1], [1, 2], false],
    [{ a: null }, {}, false],
    [UNKNOWN, UNKNOWN, true],
  ])("compares %o with %o", (a, b, same) => {
    expect(equal(a, b)).toBe(same);
  });

  it("finds an unknown value at any depth", () => {
    expect(hasUnknown({ a: [{ b: UNKNOWN }] })).toBe(true);
    expect(hasUnknown({ a: [{ b: "known" }] })).toBe(false);
  });
});
