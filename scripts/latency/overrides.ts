import { isMap, parseDocument } from "yaml";
import { PROJECT } from "../stack/stack.ts";

/**
 * A stack config file with some keys changed; the rest, comments too, stays as it is.
 *
 * A dotted key may be in it in two forms, `edgelab:classification.rate` and as a member of `edgelab:classification` (what
 * `pulumi config set --path` writes). The second is removed, since having both is an error.
 *
 * @param text of the file; empty when there is none
 * @param overrides dotted keys without the project's name, and their values
 */
export function withOverrides(text: string, overrides: Readonly<Record<string, string>>): string {
  const document = parseDocument(text);
  if (!isMap(document.get("config"))) document.set("config", document.createNode({}));
  for (const [name, value] of Object.entries(overrides)) {
    const [group = "", ...members] = name.split(".");
    const path = ["config", `${PROJECT}:${group}`, ...members];
    if (members.length > 0 && document.hasIn(path)) document.deleteIn(path);
    document.setIn(["config", `${PROJECT}:${name}`], value);
  }
  return String(document);
}
