import { renderTable } from "../../lib/table.ts";
import type { LabPlan } from "./lab.ts";

/** What runs where as a table for people, a line a host. */
export function placementTable({ hosts }: Pick<LabPlan, "hosts">): string {
  const of = (has: number | undefined) => (has === undefined ? "" : ` of ${has}`);
  const rows = hosts.map(({ name, needs, memoryMB, diskGB, services }) => [
    name,
    `${needs.memoryMB}${of(memoryMB)}`,
    `${needs.diskGB}${of(diskGB)}`,
    services.map((service) => service.name).join(", ") || "nothing",
  ]);
  return renderTable(["host", "memory, MB", "disk, GB", "services"], rows);
}
