import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { filesKey } from "../keys.ts";
import { npmInstall } from "../npm.ts";
import { type Context, healthy, missing, type Part } from "../part.ts";
import { entry, exists, fill, keyOf } from "../store.ts";

const INPUTS = ["package-lock.json", "package.json"];

/** What the image of mongo-express copies: its packages, for Linux with glibc. */
export const mongoExpressPart: Part = {
  name: "mongo-express",
  needs: [],

  async find(context) {
    const stage = stageFolder(context);
    const whole = await exists(join(stage, "node_modules"));
    if (!whole || (await keyOf(stage)) !== (await modulesKey(context))) {
      return missing("mongo-express is not in images/mongo-express/stage");
    }
    const { version } = JSON.parse(
      await readFile(join(stage, "node_modules/mongo-express/package.json"), "utf8"),
    ) as { version: string };
    return healthy(version, "npm");
  },

  async get(context) {
    const key = await modulesKey(context);
    const cached = await entry(join(context.cache, `mongo-express-${key}`), async (folder) => {
      const work = join(folder, "work");
      await npmInstall(context, {
        title: "installing mongo-express",
        log: "mongo-express",
        source: imageFolder(context),
        files: INPUTS,
        work,
        // Its driver's ways to log in at a cloud.
        options: ["--omit=optional"],
      });
      await rename(join(work, "node_modules"), join(folder, "node_modules"));
    });
    await fill(stageFolder(context), key, { node_modules: join(cached, "node_modules") });
  },
};

function modulesKey(context: Context): Promise<string> {
  return filesKey(imageFolder(context), INPUTS, `modules-1 ${context.arch}`);
}

function imageFolder({ root }: Context): string {
  return join(root, "images/mongo-express");
}

function stageFolder(context: Context): string {
  return join(imageFolder(context), "stage");
}
