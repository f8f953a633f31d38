import { beforeEach, describe, expect, it } from "vitest";
import type { Lab } from "../lab.ts";
import { recordResources, unitId, unitLab } from "../testing/mocks.ts";
import { clearLeftovers } from "./leftovers.ts";

let lab: Lab;
beforeEach(async () => {
  await recordResources();
  lab = unitLab();
});

const own = { "edgelab.project": "edgelab", "edgelab.stack": "unit", "edgelab.lab": unitId };
const others = { ...own, "edgelab.lab": "edgelab-unit-9999", "edgelab.checkout": "ann@lab:/edgelab" };

/** Runs the hook before a container of that name is made, on an engine that has these things by name. */
async function hooked(
  name: string,
  there: Record<string, object>,
  volumes: string[] = [],
): Promise<string[]> {
  const ran: string[] = [];
  const hook = clearLeftovers(lab, async (args) => {
    const [kind, verb] = args;
    if (verb !== "inspect") ran.push(args.join(" "));
    const labels = there[`${kind} ${args.at(-1)}`];
    return labels === undefined
      ? { code: verb === "inspect" ? 1 : 0, stdout: "", stderr: `No such ${kind}` }
      : { code: 0, stdout: JSON.stringify(labels), stderr: "" };
  });
  const newInputs = { name, volumes: volumes.map((volumeName) => ({ volumeName, containerPath: "/data" })) };
  await hook({ urn: "", id: "", name, type: "docker:index/container:Container", newInputs });
  return ran;
}

describe("clearLeftovers", () => {
  it("removes what an update of this lab has left, and nothing where there is nothing", async () => {
    expect(await hooked("c", { "container c": own })).toEqual(["container rm --force --volumes c"]);
    expect(await hooked("c", {})).toEqual([]);
  });

  it("touches nothing of another lab of the same name, and says whose it is", async () => {
    await expect(hooked("c", { "container c": others })).rejects.toThrow(
      /container c is there already, and belongs to the lab edgelab-unit-9999, brought up from ann@lab:\/edgelab\n {2}fix: \.\/scripts\/down unit/,
    );
    const { "edgelab.lab": _, ...beforeIds } = own;
    await expect(hooked("c", { "container c": beforeIds })).rejects.toThrow("made before labs had ids");
    await expect(hooked("c", { "container c": {} })).rejects.toThrow(
      /this lab did not make it\n {2}fix: docker/,
    );
  });

  it("lets no container write to a volume that has come to the name of one of the lab's", async () => {
    expect(await hooked("c", { "volume v": own }, ["v"])).toEqual([]);
    await expect(hooked("c", { "volume v": others }, ["v"])).rejects.toThrow("volume v is there already");
  });
});
