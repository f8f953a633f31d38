import { describe, expect, it } from "vitest";
import { loggable, messageOf } from "./errors.ts";

describe("messageOf", () => {
  it("gives the innermost messages of an error that gathers others, each once", () => {
    const refused = new AggregateError([new Error("refused"), new Error("refused")], "2 attempts failed");
    expect(messageOf(new AggregateError([refused, new Error("timed out")], "gave up"))).toBe(
      "refused; timed out",
    );
  });

  it("gives what kafkajs gathers in an error of its own kind", () => {
    const errors = [new Error("Replication-factor is invalid"), new Error("Replication-factor is invalid")];
    expect(messageOf(Object.assign(new Error("Topic creation errors"), { errors }))).toBe(
      "Replication-factor is invalid",
    );
    expect(messageOf(Object.assign(new Error("odd"), { errors: 3 }))).toBe("odd");
  });

  it("gives the message of a plain error, and something of what is no error", () => {
    expect(messageOf(new Error("full"))).toBe("full");
    expect(messageOf("full")).toBe("full");
    expect(messageOf(new AggregateError([], "all failed"))).toBe("all failed");
  });
});

describe("loggable", () => {
  it("keeps code and cause, and no more of the stack than leads to the place", () => {
    const error = Object.assign(new Error("lost", { cause: new Error("reset") }), { code: "ECONNRESET" });
    error.stack = ["Error: lost", ...Array.from({ length: 30 }, (_, line) => `    at f${line}`)].join("\n");
    expect(loggable(error)).toMatchObject({
      type: "Error",
      message: "lost",
      code: "ECONNRESET",
      cause: "reset",
    });
    expect(JSON.stringify(loggable(error))).not.toContain("f10");
  });
});
