import { z } from "zod";
import { diffDrift, diffInputs, type Effect } from "../../../../lib/provider/diff.ts";

const strings = z.array(z.string());
const stringMap = z.record(z.string(), z.string());
/** The units in which the official provider, and Go, write durations. */
const duration = z
  .string()
  .regex(/^(\d+(\.\d+)?(ms|s|m|h))+$/, "must be a duration such as 500ms, 10s or 1m30s");

const upload = z
  .strictObject({
    file: z.string().startsWith("/", "must be an absolute path"),
    content: z.string().optional(),
    contentBase64: z.base64().optional(),
    executable: z.boolean().optional(),
    permissions: z
      .string()
      .regex(/^0[0-7]{3}$/, "must be four octal digits, the first a 0")
      .optional(),
  })
  .refine(({ content, contentBase64 }) => (content === undefined) !== (contentBase64 === undefined), {
    message: "needs either content or contentBase64",
  });

/** The properties of `docker:index/container:Container` that are covered, named as in @pulumi/docker 5.2.0. */
export const containerInputs = z.strictObject({
  name: z.string().min(1),
  image: z.string().min(1),
  command: strings.optional(),
  entrypoints: strings.optional(),
  envs: z.array(z.string().regex(/^[^=]+=/, "must be NAME=value")).optional(),
  user: z.string().optional(),
  hostname: z.string().optional(),
  workingDir: z.string().optional(),
  init: z.boolean().optional(),
  networkMode: z.string().optional(),
  networksAdvanced: z
    .array(z.strictObject({ name: z.string().min(1), aliases: strings.optional() }))
    .optional(),
  ports: z
    .array(
      z.strictObject({
        internal: z.int().min(1).max(65535),
        external: z.int().min(1).max(65535).optional(),
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
  cpus: z
    .string()
    .regex(/^\d+(\.\d+)?$/, "must be a number of CPUs such as 1.5")
    .optional(),
  shmSize: z.int().min(0).optional(),
  restart: z.enum(["no", "on-failure", "always", "unless-stopped"]).optional(),
  labels: z.array(z.strictObject({ label: z.string(), value: z.string() })).optional(),
  logDriver: z.string().optional(),
  logOpts: stringMap.optional(),
  wait: z.boolean().optional(),
  waitTimeout: z.int().min(0).optional(),
  mustRun: z.boolean().optional(),
  destroyGraceSeconds: z.int().min(0).optional(),
  stopSignal: z.string().optional(),
  stopTimeout: z.int().min(0).optional(),
  readOnly: z.boolean().optional(),
  tmpfs: stringMap.optional(),
  capabilities: z.strictObject({ adds: strings.optional(), drops: strings.optional() }).optional(),
  securityOpts: strings.optional(),
  ulimits: z.array(z.strictObject({ name: z.string(), soft: z.int(), hard: z.int() })).optional(),
  hosts: z.array(z.strictObject({ host: z.string(), ip: z.string() })).optional(),
});

export type ContainerInputs = z.infer<typeof containerInputs>;

export interface ContainerOutputs extends ContainerInputs {
  readonly exitCode?: number;
  readonly networkDatas: readonly {
    networkName: string;
    ipAddress: string;
    gateway: string;
    ipPrefixLength: number;
  }[];
}

/**
 * What the official provider changes in place: what Docker itself can change (memory, memorySwap, restart) and what
 * only the provider reads. Everything else replaces. The official provider takes changes of healthcheck, init and
 * tmpfs for updates too, but then leaves the container as it was; here they replace, so that they take effect.
 */
const IN_PLACE = new Set([
  "memory",
  "memorySwap",
  "restart",
  "wait",
  "waitTimeout",
  "mustRun",
  "destroyGraceSeconds",
]);

/** Properties read back from the engine, whose drift an update repairs. */
const READ_BACK = ["name", "memory", "memorySwap", "restart", "networksAdvanced"];

const effect = (property: string): Effect => (IN_PLACE.has(property) ? "update" : "replace");

/** What an update from `olds` to `news` would change, drift found by the last refresh included. */
export function containerChanges(
  olds: { inputs: ContainerInputs; outputs: ContainerOutputs },
  news: ContainerInputs,
): Record<string, Effect> {
  const drift = diffDrift({ ...olds.outputs }, { ...news }, READ_BACK, effect);
  // An image may be given by name, or be unknown in a preview; only by id can what runs be compared with it.
  const isOther = String(news.image).startsWith("sha256:") && olds.outputs.image !== news.image;
  const hasStopped =
    olds.outputs.mustRun === false && olds.inputs.mustRun !== false && news.mustRun !== false;
  return {
    ...drift,
    ...(isOther ? { image: "replace" } : {}),
    ...diffInputs(olds.inputs, news, effect),
    ...(hasStopped ? { mustRun: "replace" } : {}),
  };
}
