import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { evaluate } from "../../apps/classification/model/evaluate.ts";
import { TRAINED } from "../../scripts/toolchain/parts/model.ts";
import { ROOT } from "../../scripts/toolchain/paths.ts";

const folder = await mkdtemp(join(tmpdir(), "edgelab-model-"));
afterAll(() => rm(folder, { recursive: true }));

async function script(file: string, ...args: string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [join(ROOT, file), ...args], { cwd: ROOT });
}

describe("the model of the repository", () => {
  it("is as good as one that is trained now, on images that neither has seen", async () => {
    const data = join(folder, "data");
    const trained = join(folder, "model");
    await script("apps/classification/dataset/make.ts", "--out", data);
    await script("apps/classification/model/train.ts", "--data", data, "--out", trained);
    const own = await evaluate(data, join(ROOT, TRAINED));
    const now = await evaluate(data, trained);
    process.stdout.write(`top-1: in the repository ${own.top1}, trained now ${now.top1}\n`);
    expect(own.images).toBe(5000);
    expect(own.top1).toBeGreaterThan(0.95);
    // Another kind of processor rounds its sums differently, which a training of many steps does not end in the same for.
    expect(Math.abs(own.top1 - now.top1)).toBeLessThan(0.015);
  });
});
