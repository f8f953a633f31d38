import { join } from "node:path";
import { filesKey } from "../keys.ts";
import { type Context, healthy, missing, type Part } from "../part.ts";
import { isExecutable } from "../run.ts";
import { entry, fill, keyOf } from "../store.ts";
import { buildModule, ensureGo, findGo } from "./go.ts";

const NAME = "documents";
/** What images/documents/server/go.mod asks for, for people. */
const VERSION = "FerretDB 1.24.2";

/** The document store that its image copies, built from Go modules. */
export const documentsPart: Part = {
  name: "document store",
  needs: [],

  async find(context) {
    const there = (await keyOf(stageFolder(context))) === (await sourceKey(context));
    const file = join(stageFolder(context), NAME);
    if (!there || !(await isExecutable(file)))
      return missing("the document store is not in images/documents/stage");
    return healthy(VERSION, "built from Go modules");
  },

  async packages(context) {
    if (await isExecutable(join(await buildFolder(context), NAME))) return [];
    return (await findGo(context)) === undefined ? ["golang-go", "ca-certificates"] : [];
  },

  async get(context) {
    const folder = await entry(await buildFolder(context), async (temporary) =>
      buildModule(context, await ensureGo(context), {
        title: "the document store",
        log: NAME,
        source: source(context),
        command: ".",
        target: join(temporary, NAME),
      }),
    );
    await fill(stageFolder(context), await sourceKey(context), { [NAME]: join(folder, NAME) });
  },
};

function source({ root }: Context): string {
  return join(root, "images/documents/server");
}

function stageFolder({ root }: Context): string {
  return join(root, "images/documents/stage");
}

function sourceKey(context: Context): Promise<string> {
  return filesKey(source(context), ["go.mod", "go.sum", "main.go"], `build-1 ${context.arch}`);
}

async function buildFolder(context: Context): Promise<string> {
  return join(context.cache, `documents-${context.arch}-${await sourceKey(context)}`);
}
