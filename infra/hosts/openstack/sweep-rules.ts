import { z } from "zod";
import type { CloudSession } from "../../provider/openstack/session.ts";

const wantedSchema = z.looseObject({
  securityGroupId: z.string(),
  direction: z.string(),
  protocol: z.string(),
  portRangeMin: z.number(),
  portRangeMax: z.number(),
  remoteIpPrefix: z.string().optional(),
  remoteGroupId: z.string().optional(),
});

const rulesSchema = z.object({
  security_group_rules: z.array(
    z.object({
      id: z.string(),
      direction: z.string(),
      protocol: z.string().nullable(),
      port_range_min: z.number().nullable(),
      port_range_max: z.number().nullable(),
      remote_ip_prefix: z.string().nullable(),
      remote_group_id: z.string().nullable(),
    }),
  ),
});

/** Removes a rule of a group that is the one about to be made, as the cloud has no two that are alike. */
export async function clearRule(session: CloudSession, newInputs: unknown): Promise<void> {
  const wanted = wantedSchema.parse(newInputs);
  const query = new URLSearchParams({ security_group_id: wanted.securityGroupId });
  const answer = await session.request("network", "GET", `/security-group-rules?${query}`);
  const same = rulesSchema
    .parse(answer ?? { security_group_rules: [] })
    .security_group_rules.filter(
      (rule) =>
        rule.direction === wanted.direction &&
        rule.protocol === wanted.protocol &&
        rule.port_range_min === wanted.portRangeMin &&
        rule.port_range_max === wanted.portRangeMax &&
        (rule.remote_ip_prefix ?? "") === (wanted.remoteIpPrefix ?? "") &&
        (rule.remote_group_id ?? "") === (wanted.remoteGroupId ?? ""),
    );
  for (const { id } of same) await session.request("network", "DELETE", `/security-group-rules/${id}`);
}
