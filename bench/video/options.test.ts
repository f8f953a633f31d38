import { describe, expect, it } from "vitest";
import { parseOptions } from "./options.ts";

const lab = () => "127.0.0.1:29092,127.0.0.1:29093";

describe("parseOptions", () => {
  it("measures both producers for a minute on the lab's Kafka when nothing is asked", () => {
    expect(parseOptions([], lab)).toEqual({
      seconds: 60,
      bootstrap: ["127.0.0.1:29092", "127.0.0.1:29093"],
      mostCameras: false,
      steps: false,
      out: undefined,
      peer: true,
    });
  });

  it("takes what it is given", () => {
    const args = [
      "--seconds",
      "5",
      "--bootstrap",
      "a:1",
      "--most-cameras",
      "--steps",
      "--no-peer",
      "--out",
      "x.json",
    ];
    expect(parseOptions(args, lab)).toEqual({
      seconds: 5,
      bootstrap: ["a:1"],
      mostCameras: true,
      steps: true,
      out: "x.json",
      peer: false,
    });
  });

  it("names what it cannot use", () => {
    expect(() => parseOptions(["--seconds", "4"], lab)).toThrow("--seconds 4 is not a number from 5 to 3600");
    expect(() => parseOptions(["--cameras", "2"], lab)).toThrow("--cameras");
  });
});
