import { describe, expect, it } from "vitest";
import { checksOf } from "./checks.ts";

describe("checksOf", () => {
  it.each([
    [{ long: false, official: false }, ["format and lint", "types", "unit tests", "whole-lab tests"]],
    [{ long: true, official: false }, ["long tests"]],
    [{ long: false, official: true }, ["whole-lab tests"]],
    [{ long: true, official: true }, ["whole-lab tests", "long tests"]],
  ])("of %j are %j", (choice, titles) => {
    expect(checksOf(choice).map(({ title }) => title)).toEqual(titles);
  });
});
