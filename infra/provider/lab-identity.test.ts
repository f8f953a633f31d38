import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { notedLab } from "../../lib/lab-note.ts";
import { quietContext as context } from "../testing/quiet-context.ts";
import { labIdentityHandler } from "./lab-identity.ts";

const inputs = { project: "edgelab", stack: "dev" };

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "edgelab-identity-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** An engine whose containers and networks of the stack have these lines of name, id and checkout. */
const engine = (containers: readonly string[], networks: readonly string[] = []) =>
  labIdentityHandler(root, async ([kind]) => {
    const lines = kind === "container" ? containers : kind === "network" ? networks : [];
    return { code: 0, stdout: lines.join("\n"), stderr: "" };
  });

describe("a lab's identity", () => {
  it("is drawn, so that two labs of one name differ, and tells where it was brought up from", async () => {
    const [one, other] = await Promise.all([1, 2].map(() => engine([]).create(inputs, context)));
    expect(one?.id).toMatch(/^edgelab-dev-[0-9a-f]{10}$/);
    expect(other?.id).not.toBe(one?.id);
    expect(one?.outputs.checkout).toMatch(new RegExp(`^.+@.+:${root}$`));
  });

  it("is the same again in this checkout after it was taken down, and belongs to one lab at a time", async () => {
    const handler = engine([]);
    const { id, outputs } = await handler.create(inputs, context);
    await handler.delete(id, outputs, context);
    expect((await handler.create(inputs, context)).id).toBe(id);
    expect(await notedLab(root, "dev")).toBeUndefined();
    expect((await handler.create(inputs, context)).id).not.toBe(id);
  });

  it("is refused where another lab has the names, with whose they are and what can be done", async () => {
    const foreign = engine(
      [
        "edgelab-dev-kafka-0\tedgelab-dev-0123456789\tann@lab:/home/ann/edgelab",
        "edgelab-dev-kafka-1\tedgelab-dev-0123456789\t",
      ],
      ["edgelab-dev-network\tedgelab-dev-0123456789\t"],
    );
    const reason = await foreign.obstacle?.(inputs);
    expect(reason).toMatch(
      /the container edgelab-dev-kafka-0 and 2 more of its names .* the lab edgelab-dev-0123456789, brought up from ann@lab:\/home\/ann\/edgelab; nothing was touched/,
    );
    expect(reason).toMatch(/fix: \.\/scripts\/down dev in that checkout; [\s\S]*stack init dev-two/);
    expect(reason).toContain("echo edgelab-dev-0123456789 >.edgelab/labs/dev");
  });

  it("is refused where a lab from before labs had ids has the names", async () => {
    const reason = await engine(["edgelab-dev-postgres\t\t"]).obstacle?.(inputs);
    expect(reason).toMatch(
      /edgelab-dev-postgres .* made before labs had ids[\s\S]*fix: \.\/scripts\/down dev/,
    );
  });

  it("goes on with what the last lab of this checkout has kept, and with nothing of others", async () => {
    const first = engine([]);
    const { id, outputs } = await first.create(inputs, context);
    await first.delete(id, outputs, context);
    expect(await engine([`edgelab-dev-kafka-0\t${id}\t`]).obstacle?.(inputs)).toBeUndefined();
    expect(await engine([`edgelab-dev-kafka-0\t${id}0\t`]).obstacle?.(inputs)).toContain(`the lab ${id}0`);
  });

  it("leaves it to others to tell of an engine that does not answer", async () => {
    const silent = labIdentityHandler(root, async () => ({ code: 1, stdout: "", stderr: "no daemon" }));
    expect(await silent.obstacle?.(inputs)).toBeUndefined();
  });
});
