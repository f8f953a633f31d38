import { describe, expect, it } from "vitest";
import { withoutResult } from "../../apps/classification/producer/matcher.ts";
import { describeState } from "./live.ts";
import { type LiveState, Phase } from "./phase.ts";

const due = { seq: 0, device: 0, scheduledUs: 1_000_000 };

/** What a phase shows after these images. */
function shown(...images: Parameters<Phase["add"]>[0]): string {
  let state: LiveState | undefined;
  const phase = new Phase("warming up", (now) => {
    state = now;
  });
  phase.add(images);
  phase.show();
  return state === undefined ? "" : describeState(state, 60);
}

describe("describeState", () => {
  const received = { ...withoutResult(due, "received"), receivedUs: 1_020_000 };

  it("tells how many images there were and how long they took", () => {
    expect(shown(received)).toMatch(/ 1 images · p50 20 ms, p95 20 ms · about /);
  });

  it("says that a backlog is worked off, rather than that nothing ever comes back", () => {
    const late = { ...withoutResult(due, "late"), receivedUs: 61_000_000 };
    expect(shown(withoutResult(due, "lost"), late, late)).toMatch(
      / 1 images, 1 not back in time · 2 older results: the lab works off a backlog · p50 not in time, /,
    );
    expect(shown(withoutResult(due, "lost"))).not.toContain("backlog");
  });
});
