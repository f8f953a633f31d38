import { z } from "zod";

/** The properties of both commands that the program uses, named as in @pulumi/command 1.2.1; see ../CONFORMANCE.md. */
const common = {
  create: z.string().optional(),
  update: z.string().optional(),
  delete: z.string().optional(),
  stdin: z.string().optional(),
  logging: z.enum(["stdout", "stderr", "stdoutAndStderr", "none"]).optional(),
  triggers: z.array(z.unknown()).optional(),
  addPreviousOutputInEnv: z.literal(false, {
    error: "must be false: the command stand-in tells no command what was said before",
  }),
};

const endpoint = z.strictObject({
  host: z.string().min(1),
  port: z.number().min(1).max(65_535).default(22),
  user: z.string().min(1).default("root"),
  privateKey: z.string().min(1).optional(),
  hostKey: z
    .string()
    .min(1, "must be given: the command stand-in connects to no machine that it cannot verify"),
  /** Failed attempts after which it gives up; -1 for never. */
  dialErrorLimit: z.int().min(-1).default(10),
  /** Seconds; 0 for no limit. */
  perDialTimeout: z.int().min(0).default(15),
});

export const localInputs = z.strictObject(common);
export const remoteInputs = z.strictObject({
  ...common,
  connection: endpoint.extend({ proxy: endpoint.optional() }),
});

export type LocalInputs = z.infer<typeof localInputs>;
export type RemoteInputs = z.infer<typeof remoteInputs>;
export type Endpoint = z.infer<typeof endpoint>;
