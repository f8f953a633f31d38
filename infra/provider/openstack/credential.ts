import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

/** What Keystone is asked with, and which of a cloud's endpoints are used. */
export interface Credential {
  /** Keystone's address, with its version: `https://…/v3`. */
  readonly authUrl: string;
  /** Body of a request for a token (https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management). */
  readonly auth: object;
  readonly region: string | undefined;
  readonly interface: string;
  /** File with the authority that signed the cloud's certificates, where the system does not know it. */
  readonly caFile: string | undefined;
}

const text = z.coerce.string();
const authSchema = z
  .object({
    auth_url: text,
    username: text,
    user_id: text,
    password: text,
    token: text,
    project_name: text,
    project_id: text,
    tenant_name: text,
    tenant_id: text,
    domain_name: text,
    domain_id: text,
    user_domain_name: text,
    user_domain_id: text,
    project_domain_name: text,
    project_domain_id: text,
    application_credential_id: text,
    application_credential_name: text,
    application_credential_secret: text,
  })
  .partial();
type Auth = z.infer<typeof authSchema>;

const cloudSchema = z
  .object({ auth: authSchema, region_name: text, interface: text, endpoint_type: text, cacert: text })
  .partial();
type CloudEntry = z.infer<typeof cloudSchema>;
const fileSchema = z.object({ clouds: z.record(z.string(), cloudSchema) }).partial();

/**
 * The credential that OpenStack's own tools would use: of a cloud in clouds.yaml (with its secure.yaml) when one is
 * named, here or by OS_CLOUD, and of the other OS_ variables otherwise.
 *
 * @param cloud name in clouds.yaml; "" for what the environment says
 * @throws when there is none, saying where it was looked for
 */
export function findCredential(cloud: string, env: NodeJS.ProcessEnv = process.env): Credential {
  const name = cloud === "" ? (env.OS_CLOUD ?? "") : cloud;
  if (name === "" && (env.OS_AUTH_URL ?? "") === "") {
    throw new Error(
      "there is no OpenStack credential\n  fix: ./scripts/pulumi config set openstack:cloud NAME (a cloud of clouds.yaml), " +
        "or set OS_AUTH_URL and the other OS_ variables",
    );
  }
  return name === "" ? credentialOf(entryOfEnvironment(env), "OS_AUTH_URL") : ofCloud(name, env);
}

function ofCloud(name: string, env: NodeJS.ProcessEnv): Credential {
  const [places, secret] = [filesOf("clouds.yaml", env.OS_CLIENT_CONFIG_FILE), filesOf("secure.yaml")];
  const file = places.find((path) => existsSync(path));
  if (file === undefined) {
    throw new Error(
      `there is no clouds.yaml (looked for ${places.join(", ")}): download one with an application credential from the ` +
        "cloud's dashboard, or point OS_CLIENT_CONFIG_FILE to yours",
    );
  }
  const entry = cloudsIn(file)[name];
  if (entry === undefined) {
    const there = Object.keys(cloudsIn(file)).join(", ") || "none";
    throw new Error(
      `${file} has no cloud ${name} (it has: ${there}): ./scripts/pulumi config set openstack:cloud NAME`,
    );
  }
  const secure = secret.find((path) => existsSync(path));
  const hidden = secure === undefined ? {} : (cloudsIn(secure)[name] ?? {});
  return credentialOf({ ...entry, ...hidden, auth: { ...entry.auth, ...hidden.auth } }, file);
}

/** Where OpenStack's tools look, in their order. */
function filesOf(name: string, given?: string): string[] {
  const folders = [process.cwd(), join(homedir(), ".config/openstack"), "/etc/openstack"];
  return [...(given === undefined || given === "" ? [] : [given]), ...folders.map((one) => join(one, name))];
}

function cloudsIn(file: string): Record<string, CloudEntry> {
  const parsed = fileSchema.safeParse(parse(readFileSync(file, "utf8")) ?? {});
  if (parsed.success) return parsed.data.clouds ?? {};
  const [issue] = parsed.error.issues;
  throw new Error(`${file}: ${issue?.path.join(".")}: ${issue?.message}`);
}

function entryOfEnvironment(env: NodeJS.ProcessEnv): CloudEntry {
  const auth = Object.fromEntries(
    Object.keys(authSchema.shape).flatMap((key) => {
      const value = env[`OS_${key.toUpperCase()}`];
      return value === undefined || value === "" ? [] : [[key, value]];
    }),
  ) as Auth;
  return {
    auth,
    ...(env.OS_REGION_NAME ? { region_name: env.OS_REGION_NAME } : {}),
    ...(env.OS_INTERFACE ? { interface: env.OS_INTERFACE } : {}),
    ...(env.OS_ENDPOINT_TYPE ? { endpoint_type: env.OS_ENDPOINT_TYPE } : {}),
    ...(env.OS_CACERT ? { cacert: env.OS_CACERT } : {}),
  };
}

/** @throws when it has no address of Keystone, or nothing to identify with */
function credentialOf(entry: CloudEntry, where: string): Credential {
  const { auth = {} } = entry;
  if (auth.auth_url === undefined) throw new Error(`${where}: there is no auth_url`);
  const base = auth.auth_url.replace(/\/+$/, "").replace(/\/v[23](\.0)?$/, "");
  return {
    authUrl: `${base}/v3`,
    auth: authBody(auth, where),
    region: entry.region_name,
    interface: (entry.interface ?? entry.endpoint_type ?? "public").replace(/URL$/, ""),
    caFile: entry.cacert,
  };
}

function authBody(auth: Auth, where: string): object {
  const { application_credential_secret: secret, application_credential_id: id, token, password } = auth;
  if (secret !== undefined) {
    const which = id === undefined ? { name: auth.application_credential_name, user: userOf(auth) } : { id };
    return {
      identity: { methods: ["application_credential"], application_credential: { ...which, secret } },
    };
  }
  if (token !== undefined)
    return { identity: { methods: ["token"], token: { id: token } }, scope: scopeOf(auth) };
  if (password === undefined) {
    throw new Error(`${where}: there is neither an application credential nor a password nor a token`);
  }
  const user = { ...userOf(auth), password };
  return { identity: { methods: ["password"], password: { user } }, scope: scopeOf(auth) };
}

function userOf(auth: Auth): object {
  if (auth.user_id !== undefined) return { id: auth.user_id };
  return { name: auth.username, domain: domainOf(auth.user_domain_id, auth.user_domain_name, auth) };
}

function scopeOf(auth: Auth): object {
  const id = auth.project_id ?? auth.tenant_id;
  if (id !== undefined) return { project: { id } };
  const name = auth.project_name ?? auth.tenant_name;
  return { project: { name, domain: domainOf(auth.project_domain_id, auth.project_domain_name, auth) } };
}

function domainOf(
  id: string | undefined,
  name: string | undefined,
  { domain_id, domain_name }: Auth,
): object {
  if (id !== undefined) return { id };
  if (name !== undefined) return { name };
  return domain_name === undefined ? { id: domain_id ?? "default" } : { name: domain_name };
}
