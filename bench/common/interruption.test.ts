import { describe, expect, it } from "vitest";
import { interruption } from "./interruption.ts";

describe("interruption", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("aborts at %s, once", (name) => {
    const before = process.rawListeners(name);
    const signal = interruption();
    const [added] = process.rawListeners(name).filter((each) => !before.includes(each));
    expect(signal.aborted).toBe(false);
    process.emit(name);
    expect(() => signal.throwIfAborted()).toThrow(`ended by ${name}`);
    // The next of its kind ends the process, as it does where nobody listens.
    expect(added).toBeDefined();
    expect(process.rawListeners(name)).not.toContain(added);
  });
});
