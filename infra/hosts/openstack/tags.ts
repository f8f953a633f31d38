import type { Lab } from "../../lab.ts";

/** Tags of everything that can have some. */
export function tagsOf({ project, stack }: Lab): string[] {
  return [`edgelab.project=${project}`, `edgelab.stack=${stack}`];
}
