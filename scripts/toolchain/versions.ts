/** The versions the toolchain brings when the machine has none that will do. */
export const PULUMI_VERSION = "3.259.0";
export const OLDEST_PULUMI = "3.200.0";
export const COMMAND_PLUGIN_VERSION = "1.2.1";
export const DOCKER_PLUGIN_VERSION = "5.2.0";
export const OPENSTACK_PLUGIN_VERSION = "3.15.2";
/** Go's toolchain switching (`GOTOOLCHAIN=auto`), which fetches the Go that a go.mod asks for, came with 1.21. */
export const OLDEST_GO = "1.21.0";

export type Version = readonly [major: number, minor: number, patch: number];

/** The first x.y or x.y.z in a text such as `go version go1.26.8 linux/amd64` or `v3.259.0-dev`. */
export function parseVersion(text: string): Version | undefined {
  const match = /(?<![\d.])v?(?:go)?(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  if (match === null) return undefined;
  return [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

export function formatVersion(version: Version): string {
  return version.join(".");
}

/** Whether the first version found in `text` is at least `oldest`; false when there is none. */
export function isAtLeast(text: string, oldest: string): boolean {
  const found = parseVersion(text);
  const wanted = parseVersion(oldest);
  if (found === undefined || wanted === undefined) return false;
  for (const index of [0, 1, 2] as const) {
    if (found[index] !== wanted[index]) return found[index] > wanted[index];
  }
  return true;
}

/** Node's name of the processor → the name that Go modules, Debian and Docker use. */
export function debianArch(nodeArch: string): string {
  return nodeArch === "x64" ? "amd64" : nodeArch;
}
