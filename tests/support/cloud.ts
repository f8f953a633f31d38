import { readFileSync } from "node:fs";
import { join } from "node:path";
import { docker, eventually } from "./lab.ts";

const root = join(import.meta.dirname, "../..");
const image = "edgelab-test/openstack";
const ports = { keystone: 5000, nova: 8774, placement: 8778, glance: 9292, neutron: 9696 };

/** Who asks. */
export interface Account {
  readonly user: string;
  readonly password: string;
  readonly project: string;
}

export const member: Account = { user: "lab", password: "lab-secret", project: "CHI-edge" };
export const admin: Account = { user: "admin", password: "admin", project: "admin" };

/** Environment in which OpenStack's tools and the Pulumi provider are that account. */
export function cloudEnv({ user, password, project }: Account): Record<string, string> {
  return {
    OS_AUTH_URL: `http://127.0.0.1:${ports.keystone}/v3`,
    OS_USERNAME: user,
    OS_PASSWORD: password,
    OS_PROJECT_NAME: project,
    OS_USER_DOMAIN_NAME: "Default",
    OS_PROJECT_DOMAIN_NAME: "Default",
    OS_REGION_NAME: "RegionOne",
  };
}

/** Builds the image of OpenStack's services, which is minutes of waiting for packages where Docker has none of it yet. */
export async function buildCloudImage(): Promise<void> {
  const base = readFileSync(join(root, ".edgelab/base-image"), "utf8").trim();
  const context = join(root, "tests/openstack/cloud");
  await docker("build", "--quiet", "--build-arg", `BASE=${base}`, "--tag", image, context);
}

/** OpenStack's own services in a container: real APIs, VMs that are only records. */
export class Cloud {
  readonly container: string;

  private constructor(id: string) {
    this.container = `${id}-cloud`;
  }

  /** @param id value of the label `edgelab.test` */
  static async start(id: string): Promise<Cloud> {
    const cloud = new Cloud(id);
    await buildCloudImage();
    const publish = Object.values(ports).flatMap((port) => ["--publish", `127.0.0.1:${port}:${port}`]);
    await docker(
      "run",
      "--detach",
      "--name",
      cloud.container,
      "--label",
      `edgelab.test=${id}`,
      ...publish,
      image,
    );
    await cloud.answers();
    return cloud;
  }

  private async answers(): Promise<void> {
    const healthy = async () => {
      const format = "--format={{.State.Health.Status}}";
      return (await docker("container", "inspect", format, this.container)) === "healthy" ? true : undefined;
    };
    await eventually("the cloud to be up", healthy, { seconds: 600 });
  }

  /** All of its APIs are gone at once. */
  async kill(): Promise<void> {
    await docker("kill", this.container);
  }

  async bringBack(): Promise<void> {
    await docker("start", this.container);
    await this.answers();
  }
}

/** A client of the cloud's APIs that has nothing to do with Pulumi. */
export class CloudApi {
  readonly #token: string;
  readonly projectId: string;

  private constructor(token: string, projectId: string) {
    this.#token = token;
    this.projectId = projectId;
  }

  static async login({ user, password, project }: Account): Promise<CloudApi> {
    const domain = { id: "default" };
    const response = await fetch(`http://127.0.0.1:${ports.keystone}/v3/auth/tokens`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        auth: {
          identity: { methods: ["password"], password: { user: { name: user, password, domain } } },
          scope: { project: { name: project, domain } },
        },
      }),
    });
    const { token } = (await response.json()) as { token: { project: { id: string } } };
    return new CloudApi(response.headers.get("x-subject-token") ?? "", token.project.id);
  }

  async #call(service: keyof typeof ports, method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${ports[service]}${path}`, {
      method,
      headers: { "x-auth-token": this.#token, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  /** Things of the project that Neutron has, such as `ports`. */
  async network<T>(kind: string): Promise<T[]> {
    const path = `/v2.0/${kind}?project_id=${this.projectId}`;
    return (
      ((await this.#call("neutron", "GET", path)) as Record<string, T[]>)[kind.replaceAll("-", "_")] ?? []
    );
  }

  /** Things of the project that Nova has, such as `servers/detail`. */
  async compute<T>(path: string, key: string): Promise<T[]> {
    return ((await this.#call("nova", "GET", `/v2.1/${path}`)) as Record<string, T[]>)[key] ?? [];
  }

  async deleteRule(id: string): Promise<void> {
    await this.#call("neutron", "DELETE", `/v2.0/security-group-rules/${id}`);
  }

  async createPort(port: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#call("neutron", "POST", "/v2.0/ports", { port });
  }

  async deleteServer(id: string): Promise<void> {
    await this.#call("nova", "DELETE", `/v2.1/servers/${id}`);
  }

  /** How many VMs a project may have; for admins. */
  async setInstanceQuota(projectId: string, instances: number): Promise<void> {
    await this.#call("nova", "PUT", `/v2.1/os-quota-sets/${projectId}`, { quota_set: { instances } });
  }
}
