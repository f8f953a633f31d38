import * as pulumi from "@pulumi/pulumi";
import { ConfigError, type ParseOptions } from "./config.ts";

/**
 * The config of the stack that Pulumi is running.
 *
 * @param parse the lab's own parser
 * @param around where the lab's services are already, and what else there is
 * @throws pulumi.RunError, of which Pulumi shows the message and no stack trace
 */
export function loadConfig<C>(
  parse: (raw: Readonly<Record<string, string>>, options: ParseOptions) => C,
  { before, found }: Required<Pick<ParseOptions, "before" | "found">>,
): C {
  const namespace = `${pulumi.getProject()}:`;
  const own = (key: string) => key.startsWith(namespace);
  const all = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => own(key));
  const raw = Object.fromEntries(all.map(([key, value]) => [key.slice(namespace.length), value]));
  try {
    return parse(raw, { stack: pulumi.getStack(), secretKeys: secretKeys(namespace), before, found });
  } catch (error) {
    if (error instanceof ConfigError) throw new pulumi.RunError(error.message);
    throw error;
  }
}

/** Pulumi tells its programs which values are secrets in this variable only; a JSON array of full keys. */
function secretKeys(namespace: string): ReadonlySet<string> {
  const listed: unknown = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]");
  const names = Array.isArray(listed) ? listed.filter((name) => typeof name === "string") : [];
  return new Set(names.map((name) => name.slice(namespace.length)));
}
