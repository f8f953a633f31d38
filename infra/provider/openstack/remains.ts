import { z } from "zod";
import { waitFor } from "../../../apps/common/retry.ts";
import { LAB_LABEL } from "../../../lib/docker/holdings.ts";
import type { CloudSession } from "./session.ts";

/** Kinds of things, in an order in which they can be removed: nothing needs what comes before it. */
export const remainKinds = [
  "server",
  "floatingip",
  "router-interface",
  "port",
  "router",
  "subnet",
  "network",
  "security-group",
  "server-group",
  "keypair",
] as const;
export type RemainKind = (typeof remainKinds)[number];

/** Key of a VM's metadata that holds the lab's mark; other things have it as their description, or before their name. */
export const markKey = LAB_LABEL;

/** Something in the cloud that carries a lab's mark. */
export interface Remain {
  readonly id: string;
  readonly name: string;
  remove(): Promise<void>;
}

const named = z.object({ id: z.string(), name: z.string().default("") });
type Named = z.infer<typeof named>;
const lists = {
  port: named.extend({
    device_owner: z.string(),
    fixed_ips: z.array(z.object({ subnet_id: z.string() })),
  }),
  server: named.extend({ metadata: z.record(z.string(), z.string()) }),
  keypair: z.object({ keypair: z.object({ name: z.string() }) }),
};

/**
 * What of a kind carries a mark.
 *
 * @throws when the cloud does not answer, or refuses
 */
export async function remainsOf(session: CloudSession, kind: RemainKind, mark: string): Promise<Remain[]> {
  switch (kind) {
    case "server": {
      const all = await list(session, "compute", "/servers/detail", "servers", lists.server);
      return all.filter(({ metadata }) => metadata[markKey] === mark).map((one) => server(session, one));
    }
    case "server-group": {
      const all = await list(session, "compute", "/os-server-groups", "server_groups", named);
      return prefixed(all, mark).map((one) => thing(session, one, "compute", "/os-server-groups"));
    }
    case "keypair": {
      const all = await list(session, "compute", "/os-keypairs", "keypairs", lists.keypair);
      const keys = all.map(({ keypair: { name } }) => ({ id: name, name }));
      return prefixed(keys, mark).map((one) => thing(session, one, "compute", "/os-keypairs"));
    }
    case "router-interface": {
      const routers = await remainsOf(session, "router", mark);
      return (await Promise.all(routers.map(({ id }) => interfacesOf(session, id)))).flat();
    }
    default: {
      const query = new URLSearchParams({ description: mark });
      const all = await list(session, "network", `/${kind}s?${query}`, `${kind.replace("-", "_")}s`, named);
      return all.map((one) => thing(session, one, "network", `/${kind}s`));
    }
  }
}

/** A router's legs, each with the subnets that it stands in. */
export async function interfacesOf(
  session: CloudSession,
  router: string,
): Promise<(Remain & { readonly subnets: readonly string[] })[]> {
  const query = new URLSearchParams({ device_id: router });
  const ports = await list(session, "network", `/ports?${query}`, "ports", lists.port);
  return ports
    .filter(({ device_owner }) => /router_(interface|ha_interface)|ha_router_replicated/.test(device_owner))
    .map(({ id, fixed_ips }) => ({
      id,
      name: id,
      subnets: fixed_ips.map(({ subnet_id }) => subnet_id),
      remove: async () => {
        await session.request("network", "PUT", `/routers/${router}/remove_router_interface`, {
          port_id: id,
        });
      },
    }));
}

async function list<T>(
  session: CloudSession,
  service: "compute" | "network",
  path: string,
  key: string,
  schema: z.ZodType<T>,
): Promise<T[]> {
  const answer = z.record(z.string(), z.unknown()).parse((await session.request(service, "GET", path)) ?? {});
  return z.array(schema).parse(answer[key] ?? []);
}

function prefixed<T extends Named>(all: readonly T[], mark: string): T[] {
  return all.filter(({ name }) => name === mark || name.startsWith(`${mark}-`));
}

function thing(
  session: CloudSession,
  { id, name }: Named,
  service: "compute" | "network",
  path: string,
): Remain {
  const remove = async () => {
    await session.request(service, "DELETE", `${path}/${encodeURIComponent(id)}`);
  };
  return { id, name, remove };
}

/** A VM is gone only some time after that was asked for, and has its port until then. */
function server(session: CloudSession, one: Named): Remain {
  const made = thing(session, one, "compute", "/servers");
  const remove = async () => {
    await made.remove();
    await waitFor(
      `the VM ${one.name} to be gone`,
      async () =>
        (await session.request("compute", "GET", `/servers/${one.id}`)) === undefined ? true : undefined,
      { timeoutMs: 300_000 },
    );
  };
  return { ...made, remove };
}
