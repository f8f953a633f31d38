import { z } from "zod";
import { formatGoDuration, parseGoDuration } from "../../../../lib/go-duration.ts";

const strings = z.array(z.string());
const stringMap = z.record(z.string(), z.string());

/** What Go prints for a duration is what the official provider reads back; anything else would be a change for ever. */
const duration = z.string().superRefine((text, context) => {
  const ms = parseGoDuration(text);
  const canonical = ms === undefined || !Number.isInteger(ms) ? undefined : formatGoDuration(ms);
  if (canonical === text) return;
  const message =
    canonical === undefined
      ? "must be a duration such as 500ms, 10s or 1m30s"
      : `must be written ${canonical}: that is how the official provider reads ${text} back, and reports a change`;
  context.addIssue({ code: "custom", message });
});

const upload = z.strictObject({
  file: z.string().startsWith("/", "must be an absolute path"),
  content: z.string(),
  permissions: z.string().regex(/^0[0-7]{3}$/, "must be four octal digits, the first a 0"),
});

/**
 * The properties of `docker:index/container:Container` that the program uses, named as in @pulumi/docker 5.2.0. What
 * the official provider does with each is in ../CONFORMANCE.md.
 */
export const containerInputs = z.strictObject({
  name: z.string().min(1),
  image: z.string().min(1),
  command: strings.min(1).optional(),
  envs: z.array(z.string().regex(/^[^=]+=/, "must be NAME=value")).optional(),
  user: z.string().optional(),
  hostname: z.string().optional(),
  init: z.boolean().optional(),
  networkMode: z.string().optional(),
  networksAdvanced: z
    .array(z.strictObject({ name: z.string().min(1), aliases: strings.optional() }))
    .optional(),
  ports: z
    .array(
      z.strictObject({
        internal: z.int().min(1).max(65535),
        external: z.int().min(1).max(65535),
        ip: z.string().optional(),
        protocol: z.enum(["tcp", "udp", "sctp"]).optional(),
      }),
    )
    .optional(),
  volumes: z
    .array(
      z
        .strictObject({
          volumeName: z.string().optional(),
          hostPath: z.string().optional(),
          containerPath: z.string().startsWith("/", "must be an absolute path"),
          readOnly: z.boolean().optional(),
        })
        .refine(({ volumeName, hostPath }) => (volumeName ?? hostPath) !== undefined, {
          message: "needs volumeName or hostPath",
        }),
    )
    .optional(),
  uploads: z.array(upload).optional(),
  healthcheck: z
    .strictObject({
      tests: strings.min(1),
      interval: duration.optional(),
      timeout: duration.optional(),
      startPeriod: duration.optional(),
      retries: z.int().min(0).optional(),
    })
    .optional(),
  memory: z.int().min(0).optional(),
  memorySwap: z.int().min(-1).optional(),
  cpuPeriod: z.int().min(0).optional(),
  cpuQuota: z.int().min(0).optional(),
  restart: z.enum(["no", "on-failure", "always", "unless-stopped"]).optional(),
  labels: z.array(z.strictObject({ label: z.string(), value: z.string() })).optional(),
  logDriver: z.string().optional(),
  logOpts: stringMap.optional(),
  wait: z.boolean().optional(),
  waitTimeout: z.int().min(0).optional(),
  destroyGraceSeconds: z.int().min(0).optional(),
  stopTimeout: z.int().min(0).optional(),
  readOnly: z.boolean().optional(),
  tmpfs: stringMap.optional(),
  capabilities: z
    .strictObject({
      // Any other name is read back with CAP_ before it.
      adds: z.array(z.string().startsWith("CAP_", "must be written CAP_…, as it is read back")).optional(),
      drops: z
        .array(z.string().regex(/^(ALL|CAP_\w+)$/, "must be ALL or CAP_…, as it is read back"))
        .optional(),
    })
    .optional(),
  securityOpts: strings.optional(),
});

export type ContainerInputs = z.infer<typeof containerInputs>;
