import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clockOffset, offsetOf } from "./clock.ts";
import { startSshd } from "./testing/sshd.ts";

describe("offsetOf", () => {
  it("is never wrong by more than it says, however long each way takes", () => {
    const way = fc.double({ min: 0, max: 500, noNaN: true });
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.array(fc.tuple(way, way), { minLength: 1, maxLength: 20 }),
        (offset, ways) => {
          const all = ways.map(([there, back]) => ({
            sentMs: 1000,
            answeredMs: 1000 + there + offset,
            receivedMs: 1000 + there + back,
          }));
          const { offsetMs, uncertaintyMs } = offsetOf(all);
          expect(Math.abs(offsetMs - offset)).toBeLessThanOrEqual(uncertaintyMs + 1e-6);
          expect(uncertaintyMs).toBeCloseTo(Math.min(...ways.map(([there, back]) => (there + back) / 2)), 6);
        },
      ),
    );
  });
});

describe("clockOffset", () => {
  it("finds a clock that is this one's own not to be ahead", async () => {
    const sshd = await startSshd();
    try {
      const { offsetMs, uncertaintyMs } = await clockOffset(sshd.connection, { timeoutMs: 20_000 });
      expect(uncertaintyMs).toBeGreaterThan(0);
      // Node's clock is the system's as of the start of the process, which may have been corrected since.
      expect(Math.abs(offsetMs)).toBeLessThan(uncertaintyMs + 100);
    } finally {
      await sshd.stop();
    }
  });

  it("says why there is none", async () => {
    const sshd = await startSshd();
    const refused = { ...sshd.connection, keyFile: sshd.foreignKey };
    try {
      await expect(clockOffset(refused, { timeoutMs: 20_000 })).rejects.toThrow("refuses the key");
    } finally {
      await sshd.stop();
    }
  });
});
