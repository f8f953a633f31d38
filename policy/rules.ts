/** A resource as a rule sees it: its type, its inputs with secrets unwrapped, and what the program said of it. */
export interface Checked {
  readonly type: string;
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
  readonly settings: Settings;
}

/** What the rules have to know of the stack. */
export interface Settings {
  /** Networks from which SSH may be let in. */
  readonly sshCidrs: readonly string[];
  /** Whether data are kept when the lab is destroyed. */
  readonly keepData: boolean;
}

/** @returns what is wrong, each as a sentence with its fix; empty when nothing is */
export type Rule = (resource: Checked) => readonly string[];

const world: ReadonlySet<string> = new Set(["0.0.0.0/0", "::/0"]);

/**
 * Nothing lets the world in. SSH may be let in from the configured networks, and from no other; a
 * rule without any source lets in everybody too.
 */
export const noOpenSecurityGroups: Rule = ({ type, props, settings }) => {
  if (type !== "openstack:networking/secGroupRule:SecGroupRule" || props.direction !== "ingress") return [];
  const { remoteIpPrefix, remoteGroupId, portRangeMin, portRangeMax, protocol } = props;
  const source = typeof remoteIpPrefix === "string" && remoteIpPrefix !== "" ? remoteIpPrefix : undefined;
  if (source === undefined && remoteGroupId !== undefined && remoteGroupId !== "") return [];
  const from = source ?? "0.0.0.0/0";
  const isSsh = protocol === "tcp" && portRangeMin === 22 && portRangeMax === 22;
  if (isSsh && settings.sshCidrs.includes(from)) return [];
  const what = `${protocol ?? "everything"} ${portRangeMin ?? "any"}-${portRangeMax ?? "any"}`;
  if (isSsh)
    return [
      `lets SSH in from ${from}, which the pack's sshCidrs do not name: add it there (--policy-pack-config) and to openstack.sshCidrs, or remove the rule`,
    ];
  return world.has(from)
    ? [`opens ${what} to the world: name a remote group, or a network of the lab's own`]
    : [];
};

/** Published ports are for the operator's machine: the loopback address, and no other. */
export const portsOnLoopback: Rule = ({ type, props }) => {
  if (type !== "docker:index/container:Container") return [];
  return recordsIn(props.ports)
    .filter(({ ip }) => ip !== "127.0.0.1" && ip !== "::1")
    .map(
      ({ ip, external }) => `publishes port ${external} on ${ip ?? "every address"}: give it ip 127.0.0.1`,
    );
};

const marks = ["edgelab.lab", "edgelab.pipeline", "edgelab.project", "edgelab.role", "edgelab.stack"];
const labelled: ReadonlySet<string> = new Set([
  "docker:index/container:Container",
  "docker:index/network:Network",
  "docker:index/volume:Volume",
]);
const tagged: ReadonlySet<string> = new Set([
  "openstack:networking/network:Network",
  "openstack:networking/subnet:Subnet",
  "openstack:networking/router:Router",
  "openstack:networking/port:Port",
  "openstack:networking/secGroup:SecGroup",
  "openstack:networking/floatingIp:FloatingIp",
]);
const described: ReadonlySet<string> = new Set([
  "openstack:compute/instance:Instance",
  "openstack:blockstorage/volume:Volume",
]);

/** Whatever is made can be told to be the lab's: by labels, tags or metadata with project and stack at least. */
export const marked: Rule = ({ type, props }) => {
  const lacking = (found: readonly unknown[], wanted: readonly string[], where: string) => {
    const missing = wanted.filter((mark) => !found.includes(mark));
    return missing.length === 0
      ? []
      : [`has no ${missing.join(", ")} among its ${where}: see labels() and tagsOf()`];
  };
  if (labelled.has(type)) {
    return lacking(
      recordsIn(props.labels).map(({ label }) => label),
      marks,
      "labels",
    );
  }
  if (tagged.has(type)) {
    const names = (Array.isArray(props.tags) ? props.tags : []).map((tag) => String(tag).split("=")[0]);
    return lacking(names, ["edgelab.project", "edgelab.stack"], "tags");
  }
  if (described.has(type)) {
    const { metadata } = props;
    const names = typeof metadata === "object" && metadata !== null ? Object.keys(metadata) : [];
    return lacking(names, ["edgelab.project", "edgelab.stack"], "metadata");
  }
  return [];
};

const secretName = /(^|_)(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIALS?)$/i;
const keyMaterial = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const loginInUrl = /[a-z][a-z0-9+.-]*:\/\/[^/\s:@]+:[^/\s@]+@/i;

/**
 * No secret where everybody can read it: a container's environment, command and labels and a VM's user data are shown
 * by their engines. Secrets go into containers as files (`uploads`), and variables name the file (`…_FILE`).
 */
export const noPlaintextSecrets: Rule = ({ type, props }) => {
  const shown = shownIn(type, props);
  return shown.flatMap(({ where, text }) => {
    const [variable = "", ...rest] = text.split("=");
    const value = rest.join("=");
    if (where === "envs" && secretName.test(variable) && value !== "") {
      return [
        `has a value for ${variable} in its environment: give it as a file, and its path as ${variable}_FILE`,
      ];
    }
    if (keyMaterial.test(text)) return [`has a private key in its ${where}: give it as a file`];
    if (loginInUrl.test(text))
      return [`has a URL with a password in its ${where}: give the password as a file`];
    return [];
  });
};

function shownIn(type: string, props: Checked["props"]): { where: string; text: string }[] {
  const texts = (where: string, value: unknown) =>
    (Array.isArray(value) ? value : value === undefined ? [] : [value]).map((text) => ({
      where,
      text: typeof text === "string" ? text : JSON.stringify(text),
    }));
  if (type === "docker:index/container:Container") {
    return [
      ...texts("envs", props.envs),
      ...texts("command", props.command),
      ...texts("labels", props.labels),
    ];
  }
  if (type === "openstack:compute/instance:Instance") {
    return [...texts("userData", props.userData), ...texts("metadata", props.metadata)];
  }
  if (type === "docker:index/remoteImage:RemoteImage") return texts("build", props.build);
  return [];
}

/**
 * Data outlive what works on them: a volume of data has a name of its own, so that a container that is replaced finds it
 * again, and no driver that keeps it in memory; a VM's data volume is protected where config says that data are kept.
 */
export function dataVolumesProtected(
  { type, props, settings }: Checked,
  isProtected: boolean,
): readonly string[] {
  if (type === "docker:index/volume:Volume") {
    const isData = recordsIn(props.labels).some(
      ({ label, value }) => label === "edgelab.role" && value === "data",
    );
    if (!isData) return [];
    return [
      ...(typeof props.name === "string" && props.name !== ""
        ? []
        : ["has data but no name of its own: whatever replaces its container would start empty"]),
      ...(JSON.stringify(props.driverOpts ?? {}).includes("tmpfs")
        ? ["has data but keeps them in memory: leave driverOpts out"]
        : []),
    ];
  }
  if (type === "openstack:blockstorage/volume:Volume" && settings.keepData && !isProtected) {
    return ["has data that keepData keeps, but is not protected: declare it with protect and retainOnDelete"];
  }
  return [];
}

function recordsIn(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "object" && one !== null) : [];
}
