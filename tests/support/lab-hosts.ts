import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { docker, eventually } from "./lab.ts";

const root = join(import.meta.dirname, "../..");
const images = "edgelab-test/lab-host";

/** A bare machine with an SSH server: a container that has its own init, network and, once it is there, Docker. */
export interface LabHost {
  readonly name: string;
  readonly address: string;
  readonly container: string;
}

/** A running container of a lab, by its host's Docker engine. */
export interface OnHost {
  readonly host: string;
  readonly id: string;
  /** As `docker ps` words it, with the health. */
  readonly status: string;
}

export interface LabHostsOptions {
  /** Names all that is made, and is the value of the label `edgelab.test`. */
  readonly id: string;
  /** A /24 of its own, such as `172.31.77`. */
  readonly prefix: string;
  readonly count: number;
  /** Whether Docker is on them before the lab comes; it is not, when left out. */
  readonly withDocker?: boolean;
}

/**
 * What lets a container be a machine: its own packet filter, control groups, and a Docker engine with containers of its
 * own. Not `--privileged`, which some engines may not grant.
 */
const machineFlags = [
  ...["NET_ADMIN", "SYS_ADMIN", "MKNOD", "SETFCAP", "SYS_PTRACE", "DAC_READ_SEARCH"].flatMap((name) => [
    "--cap-add",
    name,
  ]),
  ...["--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined"],
  ...["--cgroupns", "private", "--device-cgroup-rule", "a *:* rwm", "--tmpfs", "/run:exec"],
];

/** Hosts as the config key `ssh.hosts` has them. */
export function hostEntries(hosts: readonly LabHost[], more: Readonly<Record<string, object>> = {}): string {
  return JSON.stringify(hosts.map(({ name, address }) => ({ name, address, ...more[name] })));
}

/** Hosts on a Docker network of their own, with one key that lets `lab` (with sudo) and `plain` (without) in. */
export class LabHosts {
  readonly hosts: readonly LabHost[];
  readonly keyFile: string;
  readonly #options: LabHostsOptions;
  readonly #folder: string;

  private constructor(options: LabHostsOptions) {
    this.#options = options;
    this.#folder = mkdtempSync(join(tmpdir(), "edgelab-hosts-"));
    this.keyFile = join(this.#folder, "key");
    this.hosts = Array.from({ length: options.count }, (_, index) => this.#host(index));
  }

  /** @throws when the image cannot be built or a host does not let us in */
  static async start(options: LabHostsOptions): Promise<LabHosts> {
    await removeAll(options.id);
    const lab = new LabHosts(options);
    await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", lab.keyFile]);
    const base = readFileSync(join(root, ".edgelab/base-image"), "utf8").trim();
    await docker(
      "build",
      "--quiet",
      "--build-arg",
      `BASE=${base}`,
      "--target",
      lab.#kind,
      "--tag",
      lab.#image,
      join(root, "tests/lab-host"),
    );
    const label = ["--label", `edgelab.test=${options.id}`];
    await docker("network", "create", "--subnet", `${options.prefix}.0/24`, ...label, options.id);
    await Promise.all(lab.hosts.map((host) => lab.#run(host, label)));
    return lab;
  }

  get #kind(): string {
    return this.#options.withDocker === true ? "with-docker" : "bare";
  }

  get #image(): string {
    return `${images}:${this.#kind}`;
  }

  #host(index: number): LabHost {
    const { id, prefix } = this.#options;
    const name = `vm${index + 1}`;
    return { name, address: `${prefix}.${11 + index}`, container: `${id}-${name}` };
  }

  async #run({ name, address, container }: LabHost, label: readonly string[]): Promise<void> {
    const volume = `${container}-docker`;
    await docker("volume", "create", ...label, volume);
    const place = ["--name", container, "--hostname", name, "--network", this.#options.id, "--ip", address];
    await docker(
      "run",
      "--detach",
      ...place,
      ...label,
      ...machineFlags,
      "--volume",
      `${volume}:/var/lib/docker`,
      this.#image,
    );
    for (const user of ["lab", "plain"]) {
      const folder = `/home/${user}/.ssh`;
      await docker("exec", container, "install", "-d", "-m", "700", "-o", user, "-g", user, folder);
      await docker("cp", "--quiet", `${this.keyFile}.pub`, `${container}:${folder}/authorized_keys`);
      await docker("exec", container, "chown", `${user}:${user}`, `${folder}/authorized_keys`);
    }
    await this.answers(container);
  }

  /** Waits until the host's SSH server and, where it has one, its Docker engine answer. */
  async answers(container: string): Promise<void> {
    const ask =
      "service ssh status >/dev/null && { ! command -v dockerd >/dev/null || docker info >/dev/null 2>&1; }";
    await eventually(`${container} to be up`, async () => {
      const { exitCode } = await execa("docker", ["exec", container, "sh", "-c", ask], { reject: false });
      return exitCode === 0 ? true : undefined;
    });
  }

  /** Power off, as it were. */
  async kill({ container }: LabHost): Promise<void> {
    await docker("kill", container);
  }

  async bringBack({ container }: LabHost): Promise<void> {
    await docker("start", container);
    await this.answers(container);
  }

  /** It is gone for good, with all that is on it. */
  async scrap({ container }: LabHost): Promise<void> {
    await docker("container", "rm", "--force", "--volumes", container);
    await docker("volume", "rm", `${container}-docker`);
  }

  /** Another bare machine at the place of one that is gone. */
  async replace(host: LabHost): Promise<void> {
    await this.#run(host, ["--label", `edgelab.test=${this.#options.id}`]);
  }

  /** The running containers of a lab on these hosts, by their names within it. All hosts must live. */
  async running(stack: string): Promise<Map<string, OnHost>> {
    const format = "{{.Names}} {{.ID}} {{.Status}}";
    const args = ["ps", "--filter", `label=edgelab.stack=${stack}`, "--no-trunc", "--format", format];
    const found = await Promise.all(
      this.hosts.map(async ({ name: host, container }) => {
        const lines = (await docker("exec", container, "docker", ...args)).split("\n");
        return lines
          .filter((line) => line !== "")
          .map((line): [string, OnHost] => {
            const [name = "", id = "", ...status] = line.split(" ");
            return [name.replace(`edgelab-${stack}-`, ""), { host, id, status: status.join(" ") }];
          });
      }),
    );
    return new Map(found.flat());
  }

  /** The public key that the host shows. */
  async hostKey({ container }: LabHost): Promise<string> {
    const text = await docker("exec", container, "cat", "/etc/ssh/ssh_host_ed25519_key.pub");
    return text.split(" ").slice(0, 2).join(" ");
  }

  /** Everything on a host that set-up could have changed, as text to compare. */
  async snapshot({ container }: LabHost): Promise<string> {
    const script = `
      dpkg-query -W -f '\${Package} \${db:Status-Status}\\n' | grep ' installed' | sort
      # Backups and caches that the tools keep for themselves are left out.
      find /etc -type f ! -name '*-' ! -name '.depend.*' | sort | xargs sha256sum
      ls /var/lib /var/log /opt /etc/docker 2>&1 | grep -vx dmesg
      find /var/lib/docker /var/lib/containerd -maxdepth 0 -printf '%p %m\\n' 2>&1
      command -v nft >/dev/null && nft list tables
      true`;
    return docker("exec", container, "bash", "-c", script);
  }

  async remove(): Promise<void> {
    await removeAll(this.#options.id);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Removes whatever carries the label, also of a run that was killed. */
export async function removeAll(id: string): Promise<void> {
  const label = ["--quiet", "--filter", `label=edgelab.test=${id}`];
  const list = async (...args: string[]) =>
    (await docker(...args, ...label)).split("\n").filter((line) => line !== "");
  const containers = await list("container", "ls", "--all");
  if (containers.length > 0) await docker("container", "rm", "--force", "--volumes", ...containers);
  for (const network of await list("network", "ls")) await docker("network", "rm", network);
  for (const volume of await list("volume", "ls")) await docker("volume", "rm", volume);
}
