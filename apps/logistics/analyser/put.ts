/**
 * Puts models, one a line of its input as JSON, into the folder of the analyser in whose container it runs. They are in
 * use as soon as the analyser has looked there again.
 */
import { createInterface } from "node:readline";
import { analyserEnv } from "./env.ts";
import { parseModel } from "./model/model.ts";
import { storeModel } from "./models/store-model.ts";

const { MODEL_PATH } = analyserEnv.parse(process.env);
let line = 0;
for await (const text of createInterface({ input: process.stdin })) {
  line += 1;
  process.stdout.write(`${await storeModel(MODEL_PATH, parseModel(text, `in line ${line} of the input`))}\n`);
}
