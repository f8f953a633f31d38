import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Outcome, startInference } from "./inference.ts";
import { colourSide, writeColourModel } from "./testing/colour-model.ts";

const red = Uint8Array.from({ length: colourSide * colourSide * 3 }, (_, i) => (i % 3 === 0 ? 255 : 0));

describe("startInference", () => {
  it("answers each question with its own images' scores", async () => {
    const inference = await startInference({ folder: writeColourModel(), threads: 1 });
    const [one, none, two] = await Promise.all(
      [[red], [], [red, red]].map((images) => inference.classify(images)),
    );
    expect([one, none, two].map((outcome) => outcome?.scores.length)).toEqual([1, 0, 2]);
    expect(two?.scores[1]?.[0]?.label).toBe("red");
    await inference.close();
  });

  it("fails with what is wrong with the model", async () => {
    await expect(startInference({ folder: "/nowhere", threads: 1 })).rejects.toThrow("/nowhere/card.json");
  });

  it("leaves nobody waiting when it is closed", async () => {
    const inference = await startInference({ folder: writeColourModel(), threads: 1 });
    const waiting = inference.classify([red]);
    const closed = inference.close();
    await expect(waiting).rejects.toThrow("has ended");
    await closed;
    await expect(inference.classify([red])).rejects.toThrow("has ended");
  });

  it("can be closed at any point of a run", async () => {
    const folder = writeColourModel();
    const outcomes: PromiseSettledResult<Outcome>[] = [];
    for (let pause = 0; pause < 20; pause += 1) {
      const inference = await startInference({ folder, threads: 1 });
      const asked = Promise.allSettled([inference.classify([red]), inference.classify([red, red])]);
      await setTimeout(pause / 10);
      await inference.close();
      outcomes.push(...(await asked));
    }
    // Answered, or told that there will be no answer: nobody waits for ever, and nothing else went wrong.
    expect(outcomes).toHaveLength(40);
    const unanswered = outcomes.filter((outcome) => outcome.status === "rejected");
    expect(
      unanswered.map(({ reason }) => String(reason)).filter((text) => !text.includes("has ended")),
    ).toEqual([]);
  });
});
