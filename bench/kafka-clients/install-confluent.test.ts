import { describe, expect, it } from "vitest";
import { failureOf } from "./install-confluent.ts";

describe("failureOf", () => {
  it("finds the cause among what npm prints", () => {
    const printed = [
      "npm error code 1",
      "npm error command sh -c node-pre-gyp install --fallback-to-build",
      "npm error Failed to install dependency libcurl",
      "npm error gyp ERR! build error",
    ];
    expect(failureOf(printed.join("\n"))).toBe("Failed to install dependency libcurl");
  });

  it("takes the first error when it knows no cause, and says so when there is nothing", () => {
    expect(failureOf("npm error code E404\nnpm error 404")).toBe("code E404");
    expect(failureOf("\n")).toBe("npm said nothing");
  });
});
