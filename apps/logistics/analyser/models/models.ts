import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../../common/errors.ts";
import type { Logger } from "../../../common/logging.ts";
import { codeOf } from "../../../media/atomic.ts";
import { type Model, ModelError, parseModel } from "../model/model.ts";
import { defaultFile, fileOf, sensorsFolder } from "./layout.ts";

/** Larger files are no models. A model with 1000 changepoints has about 100 KB. */
const maxBytes = 4 * 1024 * 1024;

interface Loaded {
  /** What is known of the file without reading it: another file of the name, or other content, has another. */
  readonly stamp: string;
  /** The last model that the file held; undefined when it never held one. */
  readonly model: Model | undefined;
  readonly problem: string | undefined;
}

/**
 * The models of a folder: `default.json`, and `sensors/<sensor>.json` of each sensor that has its own. A file that is
 * replaced (write another and rename it) is loaded by the next {@link refresh}; one that holds no model is refused, and
 * the one before it goes on. A model whose file is gone goes as well.
 */
export class Models {
  readonly #folder: string;
  readonly #log: Logger;
  #loaded: ReadonlyMap<string, Loaded> = new Map();
  #problem: string | undefined;

  constructor(folder: string, log: Logger) {
    this.#folder = folder;
    this.#log = log;
  }

  /** The sensor's own model, or the one for every sensor. */
  of(sensor: string): Model | undefined {
    return this.own(sensor) ?? this.shared;
  }

  /** The model of sensors that have none of their own. */
  get shared(): Model | undefined {
    return this.#loaded.get(defaultFile)?.model;
  }

  own(sensor: string): Model | undefined {
    return this.#loaded.get(fileOf(sensor))?.model;
  }

  /** Models that are in use. */
  get count(): number {
    return [...this.#loaded.values()].filter(({ model }) => model !== undefined).length;
  }

  /** What is wrong with the folder and its files, for people. */
  get problems(): readonly string[] {
    const refused = [...this.#loaded.values()].flatMap(({ problem }) => problem ?? []);
    return this.#problem === undefined ? refused : [this.#problem, ...refused];
  }

  /** Loads what is new or has changed. It never fails; see {@link problems}. */
  async refresh(): Promise<void> {
    try {
      const loaded = new Map<string, Loaded>();
      for (const file of await this.#files()) {
        const one = await this.#load(file);
        if (one !== undefined) loaded.set(file, one);
      }
      this.#loaded = loaded;
      this.#problem = undefined;
    } catch (error) {
      // What is in use stays in use until the folder can be read again.
      const problem = `the models' folder cannot be read: ${messageOf(error)}`;
      if (problem !== this.#problem) this.#log.error({ err: error }, "the models' folder cannot be read");
      this.#problem = problem;
    }
  }

  async #files(): Promise<string[]> {
    const own = await namesIn(join(this.#folder, sensorsFolder));
    const all = await namesIn(this.#folder);
    const isModel = (name: string) => name.endsWith(".json") && !name.startsWith(".");
    return [
      ...all.filter((name) => name === defaultFile),
      ...own.filter(isModel).map((name) => join(sensorsFolder, name)),
    ];
  }

  /** The file as it is now; undefined when it is gone. */
  async #load(file: string): Promise<Loaded | undefined> {
    const before = this.#loaded.get(file);
    try {
      const handle = await open(join(this.#folder, file), "r");
      try {
        const { ino, size, mtimeNs, ctimeNs } = await handle.stat({ bigint: true });
        const stamp = [ino, size, mtimeNs, ctimeNs].join("/");
        if (stamp === before?.stamp) return before;
        return this.#read(file, stamp, size > maxBytes ? undefined : await handle.readFile("utf8"));
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      const problem = `${file}: ${messageOf(error)}`;
      if (problem !== before?.problem) this.#log.error({ err: error, file }, "a model cannot be read");
      return { stamp: "", model: before?.model, problem };
    }
  }

  #read(file: string, stamp: string, text: string | undefined): Loaded {
    const before = this.#loaded.get(file)?.model;
    try {
      if (text === undefined) throw new ModelError(`the model ${file} has more than ${maxBytes} bytes`);
      const model = parseModel(text, file);
      const { sensor, name, fittedAt } = model.card;
      if (sensor !== undefined && file !== fileOf(sensor)) {
        throw new ModelError(`the model ${file} is of sensor ${sensor}, whose file is ${fileOf(sensor)}`);
      }
      this.#log.info({ file, sensor, name, fittedAt, replaced: before !== undefined }, "model loaded");
      return { stamp, model, problem: undefined };
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      const goesOn = before === undefined ? "there is none before it" : "the one before it goes on";
      this.#log.error({ file, problem: error.message, goesOn }, "model refused");
      return { stamp, model: before, problem: `${error.message}; ${goesOn}` };
    }
  }
}

/** What a folder has; nothing when it is not there yet. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}
