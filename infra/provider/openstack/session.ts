import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { z } from "zod";
import { type Credential, findCredential } from "./credential.ts";

const answerMs = 30_000;
/** The first of Nova's API that tells what flavor a VM was made with. */
const novaVersion = "compute 2.47";

const catalogSchema = z.object({
  token: z.object({
    catalog: z
      .array(
        z.object({
          type: z.string(),
          endpoints: z.array(
            z.object({ interface: z.string(), region: z.string().nullish(), url: z.string() }),
          ),
        }),
      )
      .default([]),
  }),
});
type Catalog = z.infer<typeof catalogSchema>["token"]["catalog"];

/**
 * A few calls of OpenStack's own APIs, for what a provider of resources has none for: finding what no state knows of.
 */
export class CloudSession {
  readonly #credential: Credential;
  #login: Promise<{ token: string; catalog: Catalog }> | undefined;

  /** Asks nothing yet. @throws when there is no credential, see {@link findCredential} */
  constructor(cloud: string) {
    this.#credential = findCredential(cloud);
  }

  /**
   * @param service its type in the catalogue
   * @param path below the version
   * @returns the parsed answer; undefined when it is empty, or for a thing that is gone (404)
   * @throws when the cloud does not answer, or refuses
   */
  async request(
    service: "compute" | "network",
    method: string,
    path: string,
    body?: unknown,
  ): Promise<unknown> {
    const first = await this.#send(service, method, path, body);
    // A token lives for an hour or so, which an update may outlast.
    if (first.status === 401) this.#login = undefined;
    const response = first.status === 401 ? await this.#send(service, method, path, body) : first;
    const text = await response.text();
    if (response.status === 404) return undefined;
    if (!response.ok) {
      throw new Error(`${method} ${response.url} answered ${response.status}: ${text}`);
    }
    return text === "" ? undefined : JSON.parse(text);
  }

  async #send(service: string, method: string, path: string, body: unknown): Promise<Response> {
    this.#login ??= this.#logIn().catch((error) => {
      this.#login = undefined;
      throw error;
    });
    const { token, catalog } = await this.#login;
    return ask(`${this.#endpoint(catalog, service)}${path}`, {
      method,
      headers: {
        "x-auth-token": token,
        "content-type": "application/json",
        ...(service === "compute" ? { "openstack-api-version": novaVersion } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async #logIn(): Promise<{ token: string; catalog: Catalog }> {
    const { authUrl, auth, caFile } = this.#credential;
    if (caFile !== undefined) {
      setDefaultCACertificates([...getCACertificates("default"), readFileSync(caFile, "utf8")]);
    }
    const url = `${authUrl}/auth/tokens`;
    const headers = { "content-type": "application/json" };
    const response = await ask(url, { method: "POST", headers, body: JSON.stringify({ auth }) });
    const text = await response.text();
    const token = response.headers.get("x-subject-token");
    if (token === null) {
      throw new Error(
        `${url} gives no token (${response.status}: ${text.trim()}); fix: check the credential: openstack token issue`,
      );
    }
    return { token, catalog: catalogSchema.parse(JSON.parse(text)).token.catalog };
  }

  #endpoint(catalog: Catalog, service: string): string {
    const { region, interface: side } = this.#credential;
    const found = catalog
      .filter(({ type }) => type === service)
      .flatMap(({ endpoints }) => endpoints)
      .find((each) => each.interface === side && (region === undefined || each.region === region));
    if (found === undefined) {
      throw new Error(
        `the cloud has no ${side} endpoint for ${service}${region === undefined ? "" : ` in ${region}`}: ` +
          "openstack catalog list shows what there is; see region_name and interface in clouds.yaml",
      );
    }
    const url = found.url.replace(/\/+$/, "");
    // Neutron's is the address without a version.
    return service === "network" && !/\/v2(\.0)?$/.test(url) ? `${url}/v2.0` : url;
  }
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(answerMs) });
  } catch (error) {
    const { cause, message } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    throw new Error(
      `${url} does not answer (${reason}); fix: check that the cloud's API can be reached from here`,
    );
  }
}
