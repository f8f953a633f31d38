import { LAB_LABEL } from "../../lib/docker/holdings.ts";
import { Cloud, CloudApi, cloudEnv, member } from "./cloud.ts";
import { docker, eventually, TestLab } from "./lab.ts";
import { type LabHost, LabHosts } from "./lab-hosts.ts";

export interface Server {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly addresses: Readonly<Record<string, readonly { addr: string; "OS-EXT-IPS:type": string }[]>>;
}

export interface Rule {
  readonly id: string;
  readonly direction: string;
  readonly protocol: string | null;
  readonly port_range_min: number | null;
  readonly port_range_max: number | null;
  readonly remote_ip_prefix: string | null;
  readonly remote_group_id: string | null;
  readonly security_group_id: string;
}

export interface Named {
  readonly id: string;
  readonly name: string;
  readonly tags: readonly string[];
}

/** Where this machine is on the network that the cloud takes for public; SSH is let in from there. */
export const operator = "198.18.77.254";

/** A lab on a genuine OpenStack API, whose VMs are records; machines stand at their addresses. */
export class CloudLab {
  readonly lab: TestLab;
  readonly cloud: Cloud;
  readonly machines: LabHosts;
  /** Of the lab's project. */
  api: CloudApi;
  readonly #id: string;

  private constructor(id: string, cloud: Cloud, machines: LabHosts, api: CloudApi, lab: TestLab) {
    this.#id = id;
    this.cloud = cloud;
    this.machines = machines;
    this.api = api;
    this.lab = lab;
  }

  /**
   * Stands up the cloud and its machines; the lab itself is yet to come.
   *
   * @param machines as many as the lab will ever have VMs
   * @param offset of the lab's ports
   * @param more config of the lab beside what all such labs have
   */
  static async start(
    machines: number,
    offset: number,
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<CloudLab> {
    const id = `edgelab-cloud-${process.pid}`;
    const [cloud, hosts] = await Promise.all([
      Cloud.start(id),
      LabHosts.start({ id: `${id}-hosts`, prefix: "192.168.5", count: machines, withDocker: true }),
    ]);
    const api = await CloudApi.login(member);
    const label = ["--label", `edgelab.test=${id}-hosts`];
    // Of the range for tests of networks (RFC 2544). Those for documentation are addresses of package registries' proxies
    // in some closed networks, which this machine then does not reach while the test runs.
    const network = ["--subnet", "198.18.77.0/24", "--gateway", operator];
    await docker("network", "create", ...network, ...label, `${id}-public`);
    Object.assign(process.env, cloudEnv(member));
    const lab = new TestLab("cloud", {
      target: "openstack",
      "openstack.sshCidrs": `["${operator}/32"]`,
      "openstack.user": "lab",
      "openstack.dns": '["198.18.77.53"]',
      "ssh.keyFile": hosts.keyFile,
      "ssh.waitSeconds": 90,
      "kafka.controllerPort": 9093,
      // What is looked at here are VMs: some Docker engines leave two processors little for images.
      "classification.rate": 2,
      "ports.offset": offset,
      ...more,
    });
    await lab.init();
    return new CloudLab(id, cloud, hosts, api, lab);
  }

  /** Brings the lab up for the first time, when the address of its entrance is not known yet. */
  async up(): Promise<void> {
    const failed = new AbortController();
    const update = this.lab.up().catch((error: unknown) => {
      failed.abort(error);
      throw error;
    });
    await Promise.all([update, this.#standAtFloatingAddress(failed.signal)]);
  }

  /** The cloud's VMs are records, so machines stand at their fixed addresses, and at vm1's floating one once it is known. */
  async #standAtFloatingAddress(signal: AbortSignal): Promise<void> {
    const attached = async () => {
      const [found] = await this.api.network<{ floating_ip_address: string; port_id: string | null }>(
        "floatingips",
      );
      return found?.port_id == null ? undefined : found.floating_ip_address;
    };
    // How long that takes is the update's affair: it comes after the images, and both wait for processors.
    const address = await eventually("a floating IP", attached, { seconds: 900, signal });
    const [entrance] = this.machines.hosts;
    await docker("network", "connect", "--ip", address, `${this.#id}-public`, entrance?.container ?? "");
  }

  servers(): Promise<Server[]> {
    return this.api.compute<Server>("servers/detail", "servers");
  }

  /** What is let into the lab's groups, as `group port from`. */
  async open(): Promise<string[]> {
    const groups = new Map(
      (await this.api.network<Named>("security-groups")).map((group) => [group.id, group.name]),
    );
    const short = (groupId: string) =>
      groups.get(groupId)?.replace(`edgelab-${this.lab.stack}-`, "") ?? groupId;
    const rules = await this.api.network<Rule>("security-group-rules");
    return rules
      .filter(
        ({ direction, security_group_id }) =>
          direction === "ingress" && short(security_group_id) !== "default",
      )
      .map((rule) => {
        const ports = `${rule.protocol} ${rule.port_range_min}-${rule.port_range_max}`;
        const from = rule.remote_group_id === null ? rule.remote_ip_prefix : short(rule.remote_group_id);
        return `${short(rule.security_group_id)} ${ports} ${from}`;
      })
      .sort();
  }

  /** Everything of the project that a lab could leave behind. */
  async leftovers(): Promise<string[]> {
    const kinds = ["networks", "subnets", "routers", "ports", "floatingips", "security-groups"];
    const found = await Promise.all(
      kinds.map(async (kind) =>
        (await this.api.network<Named>(kind)).map((one) => `${kind} ${one.name ?? one.id}`),
      ),
    );
    const keys = await this.api.compute<{ keypair: { name: string } }>("os-keypairs", "keypairs");
    const groups = await this.api.compute<Named>("os-server-groups", "server_groups");
    return [
      ...found.flat().filter((name) => name !== "security-groups default"),
      ...(await this.servers()).map(({ name }) => `server ${name}`),
      ...keys.map(({ keypair }) => `key ${keypair.name}`),
      ...groups.map(({ name }) => `server group ${name}`),
    ];
  }

  /** A port of the lab's that is in no state: its creation was asked for, and the answer got lost. */
  async leftByNobody(vm: string, address: string): Promise<void> {
    const [network] = await this.api.network<Named>("networks");
    const [server] = await this.servers();
    await this.api.createPort({
      network_id: network?.id,
      name: `${this.lab.stack}-${vm}`,
      description: server?.metadata[LAB_LABEL],
      fixed_ips: [{ ip_address: address }],
    });
  }

  /** The machine of a VM that is made anew, once the cloud has it. */
  async standInFor(gone: Server, machine: LabHost): Promise<void> {
    await eventually(`another ${gone.name}`, async () =>
      (await this.servers()).find(({ id, name }) => name === gone.name && id !== gone.id),
    );
    await this.machines.replace(machine);
  }

  /** All of the cloud's APIs are back after they were killed, and so is what asks them. */
  async bringBack(): Promise<void> {
    await this.cloud.bringBack();
    this.api = await CloudApi.login(member);
  }

  async remove(): Promise<void> {
    await this.lab.remove();
    await this.machines.remove();
    await docker("rm", "--force", this.cloud.container);
  }
}
