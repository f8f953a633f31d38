import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const checkout = join(import.meta.dirname, "../..");

/** A checkout whose prepared content is only named, which is all that keys and plans look at. */
export function checkoutForTests(): { root: string; remove(): void } {
  const root = mkdtempSync(join(tmpdir(), "program-"));
  for (const folder of ["images", "apps"]) {
    cpSync(join(checkout, folder), join(root, folder), {
      recursive: true,
      filter: (path) => !/\/(stage|node_modules)(\/|$)/.test(path),
    });
  }
  const prepared = {
    ".edgelab/base-image": "edgelab/base:unit\n",
    ".edgelab/images/dataset/test.bin": "data",
    ".edgelab/images/model/model.onnx": "model",
    "images/node/stage/.key": "node",
    "images/kafka-3.9/stage/.key": "jars",
    "images/kafka-4.2/stage/.key": "jars",
    "images/mongo-express/stage/.key": "packages",
  };
  for (const [path, content] of Object.entries(prepared)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return { root, remove: () => rmSync(root, { recursive: true }) };
}
