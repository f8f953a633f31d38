import { z } from "zod";

/** How the operator's machine logs in to a machine over SSH, directly. */
export const endpointSchema = z.strictObject({
  address: z.string().min(1),
  port: z.int().min(1).max(65_535),
  user: z.string().min(1),
  /** Absolute path of a private key; ssh's own defaults and the agent when left out. */
  keyFile: z.string().min(1).optional(),
  /** Public host key, `ssh-ed25519 AAAA…`; the user's known_hosts when left out. */
  hostKey: z.string().min(1).optional(),
});

/** The same, through another machine where there is one. */
export const connectionSchema = endpointSchema.extend({ jump: endpointSchema.optional() });

export type Endpoint = z.infer<typeof endpointSchema>;
export type Connection = z.infer<typeof connectionSchema>;

/** `user@address:port`, for messages. */
export function display({ user, address, port }: Endpoint): string {
  return port === 22 ? `${user}@${address}` : `${user}@${address}:${port}`;
}
