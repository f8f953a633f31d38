import type { MqttRights } from "./parts.ts";
import type { PlannedService } from "./services.ts";

type Client = Pick<PlannedService, "pipeline" | "role" | "uses">;

/** The user of the MQTT broker that a service is there: the same for all of its role. */
export function mqttUser({ pipeline, role }: Pick<Client, "pipeline" | "role">): string {
  return `${pipeline}-${role}`;
}

/** What each user of the MQTT broker may do, by its name. */
export function mqttUsers(services: readonly Client[]): ReadonlyMap<string, Required<MqttRights>> {
  const clients = services.filter(({ uses }) => uses.mqtt !== undefined);
  const rights = [...Map.groupBy(clients, mqttUser)].map(([user, own]) => {
    const all = (kind: keyof MqttRights) => [...new Set(own.flatMap(({ uses }) => uses.mqtt?.[kind] ?? []))];
    return [user, { reads: all("reads"), writes: all("writes") }] as const;
  });
  return new Map(rights.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The rights as Mosquitto's `acl_file` has them. @param owner a user who may do everything */
export function mqttAcl(users: ReadonlyMap<string, Required<MqttRights>>, owner: string): string {
  const blocks = [...users].map(([user, { reads, writes }]) => [
    `user ${user}`,
    ...reads.map((filter) => `topic read ${filter}`),
    ...writes.map((filter) => `topic write ${filter}`),
  ]);
  return [[`user ${owner}`, "topic readwrite #"], ...blocks].map((lines) => lines.join("\n")).join("\n\n");
}
