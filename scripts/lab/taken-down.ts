import { z } from "zod";
import { renderTable } from "../../lib/table.ts";
import { containerName } from "../stack/stack.ts";

const container = z.object({
  name: z.string(),
  volumes: z.array(z.object({ volumeName: z.string().optional() })).default([]),
});
const volume = z.object({ name: z.string() });
const folder = z.object({ path: z.string() });
const stackOutputs = z.object({ placement: z.record(z.string(), z.string()).default({}) });

const state = z.object({
  deployment: z
    .object({
      resources: z
        .array(
          z.object({
            type: z.string(),
            outputs: z.unknown().optional(),
            retainOnDelete: z.boolean().default(false),
          }),
        )
        .default([]),
    })
    .nullish(),
});

/**
 * What destroying a lab ends, as a table: the services of each host by name, and what becomes of their data.
 *
 * @param exported the stack's exported state, with those volumes marked that are to be kept
 * @returns empty when nothing of the lab is there
 */
export function describeTakenDown(exported: string, stack: string): string {
  const resources = state.parse(JSON.parse(exported)).deployment?.resources ?? [];
  const outputsOf = <T>(type: string, schema: z.ZodType<T>) =>
    resources.flatMap(({ type: its, outputs, retainOnDelete }) => {
      const { data } = schema.safeParse(outputs);
      return its === type && data !== undefined ? [{ ...data, retainOnDelete }] : [];
    });
  const [{ placement } = { placement: {} as Record<string, string> }] = outputsOf(
    "pulumi:pulumi:Stack",
    stackOutputs,
  );
  const volumes = new Map(
    outputsOf("docker:index/volume:Volume", volume).map(({ name, retainOnDelete }) => [name, retainOnDelete]),
  );
  const services = outputsOf("docker:index/container:Container", container).map(({ name, ...its }) => {
    const service = name.replace(containerName(stack, ""), "");
    const data = its.volumes.flatMap(({ volumeName }) => (volumeName === undefined ? [] : [volumeName]));
    return { service, host: placement[service] ?? "", data: data.filter((each) => volumes.has(each)) };
  });
  const used = new Set(services.flatMap(({ data }) => data));
  const unused = [...volumes.keys()].filter((name) => !used.has(name));
  const rows = [
    ...services.map(({ service, host, data }) => [host, service, fate(data, volumes)]),
    ...unused.map((name) => ["", "", fate([name], volumes)]),
    // What the lab has written there is the user's.
    ...outputsOf("lab:index:Folder", folder).map(({ path }) => ["", "", `${path}: kept unless empty`]),
  ];
  const inOrder = rows.sort((a, b) => (a.join("\0") < b.join("\0") ? -1 : 1));
  return inOrder.length === 0 ? "" : renderTable(["host", "service", "data"], inOrder);
}

function fate(names: readonly string[], volumes: ReadonlyMap<string, boolean>): string {
  return names.map((name) => `${name}: ${volumes.get(name) ? "kept" : "deleted"}`).join("\n");
}
