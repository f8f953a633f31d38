import { mkdir, mkdtemp, readdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLogger } from "../../../common/logging.ts";
import { formatModel, type Model } from "../model/model.ts";
import { someModel } from "../testing/models.ts";
import { fileOf } from "./layout.ts";
import { Models } from "./models.ts";
import { storeModel } from "./store-model.ts";

const log = createLogger({ app: "test", level: "fatal", environment: "test" });
let folder: string;
let models: Models;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "edgelab-models-"));
  models = new Models(folder, log);
});
afterEach(() => rm(folder, { recursive: true }));

const named = (sensor: string | undefined, name: string): Model => {
  const model = someModel();
  return { ...model, card: { ...model.card, name, ...(sensor === undefined ? {} : { sensor }) } };
};
const nameOf = (sensor: string) => models.of(sensor)?.card.name;

/** Puts a file in the place of another in one step, as whoever replaces a model does. */
async function replace(file: string, text: string): Promise<void> {
  await writeFile(join(folder, "new"), text);
  await rename(join(folder, "new"), join(folder, file));
}

describe("models of a folder", () => {
  it("are none of a folder that is not there, or empty", async () => {
    models = new Models(join(folder, "none"), log);
    await models.refresh();
    expect([models.of("a"), models.count, models.problems]).toEqual([undefined, 0, []]);
  });

  it("are a sensor's own, and the default of those that have none", async () => {
    await storeModel(folder, named("a/b", "own"));
    await storeModel(folder, named(undefined, "default"));
    await models.refresh();
    expect([nameOf("a/b"), nameOf("c"), models.count]).toEqual(["own", "default", 2]);
    expect(models.own("c")).toBeUndefined();
  });

  it("are replaced while they are in use, and go with their files", async () => {
    await storeModel(folder, named("a", "first"));
    await models.refresh();
    await replace(fileOf("a"), formatModel(named("a", "other")));
    expect(nameOf("a")).toBe("first");
    await models.refresh();
    expect(nameOf("a")).toBe("other");
    await rm(join(folder, fileOf("a")));
    await models.refresh();
    expect(nameOf("a")).toBeUndefined();
  });

  it("are loaded again although a replaced file has the same size and the same time", async () => {
    await storeModel(folder, named("a", "aaaa"));
    const time = new Date(Date.UTC(2026, 0, 1));
    await utimes(join(folder, fileOf("a")), time, time);
    await models.refresh();
    await replace(fileOf("a"), formatModel(named("a", "bbbb")));
    await utimes(join(folder, fileOf("a")), time, time);
    await models.refresh();
    expect(nameOf("a")).toBe("bbbb");
  });

  it.each([
    ["is cut off", formatModel(named("a", "bad")).slice(0, 200), /no JSON.*the one before it goes on/s],
    ["lacks a field", formatModel(named("a", "bad")).replace('"noise"', '"nose"'), /noise: /],
    ["is another sensor's", formatModel(named("b", "bad")), /is of sensor b, whose file is sensors\/b\.json/],
    ["is far too large", " ".repeat(5_000_000), /more than 4194304 bytes/],
  ])("refuse a file that %s, say so, and go on with the one before it", async (_what, text, problem) => {
    await storeModel(folder, named("a", "good"));
    await models.refresh();
    await replace(fileOf("a"), text);
    await models.refresh();
    await models.refresh();
    expect(nameOf("a")).toBe("good");
    expect(models.problems).toEqual([expect.stringMatching(problem)]);
    await storeModel(folder, named("a", "better"));
    await models.refresh();
    expect([nameOf("a"), models.problems]).toEqual(["better", []]);
  });

  it("refuse a bad file at the start, and load the others", async () => {
    await storeModel(folder, named("a", "good"));
    await mkdir(join(folder, "default.json"));
    await writeFile(join(folder, fileOf("c")), "{}");
    await models.refresh();
    expect([nameOf("a"), nameOf("c")]).toEqual(["good", undefined]);
    expect(models.problems).toEqual([
      expect.stringMatching(/^default\.json: EISDIR/),
      expect.stringMatching(/sensors\/c\.json is wrong.*there is none before it/s),
    ]);
  });

  it("pass over what is no model's file, such as one that is being written", async () => {
    await mkdir(join(folder, "sensors"));
    for (const name of [".a.json.tmp", ".json", "a.txt"]) await writeFile(join(folder, "sensors", name), "{");
    await models.refresh();
    expect([models.count, models.problems]).toEqual([0, []]);
  });

  it("have a file of its own for every sensor that can be named, in the sensors' folder", async () => {
    const names = fc.oneof(
      fc.string({ unit: "binary", minLength: 1, maxLength: 300 }),
      fc.constantFrom("..", ".", "default"),
    );
    fc.assert(
      fc.property(names, names, (a, b) => {
        expect(fileOf(a)).toMatch(/^sensors\/[^/\0]{1,240}$/);
        expect(fileOf(a)).toMatch(/^sensors\/[^.].*\.json$|^sensors\/\.+\.json$/);
        if (a !== b) expect(fileOf(a)).not.toBe(fileOf(b));
      }),
    );
    await storeModel(folder, named("../../etc/passwd", "kept in"));
    expect(await readdir(join(folder, "sensors"))).toEqual(["..%2F..%2Fetc%2Fpasswd.json"]);
  });
});
