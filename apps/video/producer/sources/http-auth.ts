import { createHash, randomBytes } from "node:crypto";

/** What a server asks for in `WWW-Authenticate` (RFC 9110 §11.6.1). */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** The challenges of one `WWW-Authenticate`, which may hold several, separated by commas as their parameters are. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  const token = /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))|([A-Za-z][\w-]*)/g;
  for (const [, name, quoted, plain, scheme] of header.matchAll(token)) {
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), parameters: new Map() });
    else if (name !== undefined) {
      const value = plain ?? quoted?.replaceAll(/\\(.)/g, "$1") ?? "";
      challenges.at(-1)?.parameters.set(name.toLowerCase(), value);
    }
  }
  return challenges;
}

/** Hash functions of Digest (RFC 7616 §6.1), best first. */
const digestHashes = [
  { name: "SHA-256", hash: "sha256" },
  { name: "MD5", hash: "md5" },
] as const;

export interface AuthorizationRequest {
  readonly user: string;
  readonly password: string;
  readonly method: string;
  /** Path and query. */
  readonly uri: string;
}

/**
 * The `Authorization` that answers the strongest challenge that is known: Digest with SHA-256, Digest with MD5, Basic.
 * @param cnonce the client's nonce, random unless a test sets it
 * @returns undefined when no challenge is known
 */
export function authorize(
  challenges: readonly Challenge[],
  request: AuthorizationRequest,
  cnonce = randomBytes(16).toString("hex"),
): string | undefined {
  for (const { name, hash } of digestHashes) {
    const offered = challenges.find(({ scheme, parameters }) => {
      const algorithm = (parameters.get("algorithm") ?? "MD5").toUpperCase().replace(/-SESS$/, "");
      return scheme === "digest" && algorithm === name && canAnswer(parameters.get("qop"));
    });
    if (offered !== undefined) return digest(offered.parameters, hash, request, cnonce);
  }
  if (!challenges.some(({ scheme }) => scheme === "basic")) return undefined;
  return `Basic ${Buffer.from(`${request.user}:${request.password}`).toString("base64")}`;
}

/** `auth-int` alone would need the body; without any qop the older form of RFC 2069 is meant. */
function canAnswer(qop: string | undefined): boolean {
  return qop === undefined || qop.split(/[\s,]+/).includes("auth");
}

/** The response of RFC 7616 §3.4, for the first request with a nonce. */
function digest(
  parameters: ReadonlyMap<string, string>,
  hash: "sha256" | "md5",
  { user, password, method, uri }: AuthorizationRequest,
  cnonce: string,
): string {
  const h = (...parts: string[]) => createHash(hash).update(parts.join(":")).digest("hex");
  const realm = parameters.get("realm") ?? "";
  const nonce = parameters.get("nonce") ?? "";
  const algorithm = parameters.get("algorithm");
  const opaque = parameters.get("opaque");
  const nc = "00000001";
  const plainA1 = h(user, realm, password);
  const a1 = /-sess$/i.test(algorithm ?? "") ? h(plainA1, nonce, cnonce) : plainA1;
  const a2 = h(method, uri);
  const qop = parameters.has("qop");
  const response = qop ? h(a1, nonce, nc, cnonce, "auth", a2) : h(a1, nonce, a2);
  const fields = [
    `username=${quote(user)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(uri)}`,
    `response="${response}"`,
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
    ...(qop ? ["qop=auth", `nc=${nc}`, `cnonce=${quote(cnonce)}`] : []),
  ];
  return `Digest ${fields.join(", ")}`;
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}
