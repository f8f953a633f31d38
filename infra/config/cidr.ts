/** An IPv4 network: its lowest address as an unsigned 32-bit number, and the length of its prefix. */
export interface Network {
  readonly address: number;
  readonly prefix: number;
}

export interface CidrProblem {
  /** Completes "it …". */
  readonly reason: string;
  /** A network close to what was given that has no problem, when there is one. */
  readonly instead: string | undefined;
}

const prefixes = { min: 16, max: 28 };

/** The private ranges of RFC 1918. */
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map((text) => {
  const range = readCidr(text);
  if (range === undefined) throw new Error(`${text} is not in CIDR notation`);
  return range;
});

/** Reads `a.b.c.d/p` as it stands, host bits included; undefined when it is not of that form. */
export function readCidr(text: string): Network | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (match === null) return undefined;
  const [a = 256, b = 256, c = 256, d = 256, prefix = 33] = match.slice(1).map(Number);
  if (Math.max(a, b, c, d) > 255 || prefix > 32) return undefined;
  return { address: ((a << 24) | (b << 16) | (c << 8) | d) >>> 0, prefix };
}

export function formatCidr({ address, prefix }: Network): string {
  const octets = [24, 16, 8, 0].map((shift) => (address >>> shift) & 255);
  return `${octets.join(".")}/${prefix}`;
}

/** The same network with its host bits zero. */
export function masked({ address, prefix }: Network): Network {
  const mask = prefix === 0 ? 0 : (0xffff_ffff << (32 - prefix)) >>> 0;
  return { address: (address & mask) >>> 0, prefix };
}

function isPrivate({ address }: Network): boolean {
  return privateRanges.some((range) => masked({ address, prefix: range.prefix }).address === range.address);
}

/** Why `text` cannot be the subnet of a lab; undefined when it can. */
export function cidrProblem(text: string): CidrProblem | undefined {
  const given = readCidr(text);
  if (given === undefined) return { reason: "is not an IPv4 network in CIDR notation", instead: undefined };
  if (!isPrivate(given)) return { reason: "is not in a private range (RFC 1918)", instead: undefined };
  const prefix = Math.min(prefixes.max, Math.max(prefixes.min, given.prefix));
  const instead = formatCidr(masked({ address: given.address, prefix }));
  if (prefix !== given.prefix) {
    return { reason: `has a prefix outside ${prefixes.min} to ${prefixes.max}`, instead };
  }
  if (masked(given).address !== given.address) return { reason: "has host bits that are not zero", instead };
  return undefined;
}

/** Addresses that containers can have: all but the network's own, the broadcast one and the gateway's. */
export function usableAddresses({ prefix }: Network): number {
  return 2 ** (32 - prefix) - 3;
}

/** The longest allowed prefix with room for that many containers. */
export function prefixFor(containers: number): number {
  return Math.min(prefixes.max, 32 - Math.ceil(Math.log2(containers + 3)));
}

/** The n-th address of a network, counted from the network's own. @throws when the text is no CIDR */
export function addressIn(cidr: string, n: number): string {
  const network = readCidr(cidr);
  if (network === undefined) throw new Error(`${cidr} is not in CIDR notation`);
  return formatCidr({ address: masked(network).address + n, prefix: 32 }).split("/")[0] ?? "";
}
