import ipaddr from "ipaddr.js";

export interface SubnetProblem {
  /** Completes "it …". */
  readonly reason: string;
  /** A subnet close to what was given that has no problem, when there is one. */
  readonly instead: string | undefined;
}

const prefixes = { min: 16, max: 28 };

/** Whether text is an IPv4 network in CIDR notation whose bits below the prefix are 0. */
export function isNetwork(text: string): boolean {
  return ipaddr.IPv4.isValidCIDRFourPartDecimal(text) && withPrefix(text, prefixOf(text)) === text;
}

/** The network of that length that an address in CIDR notation is in. @throws when the text is not in that notation */
export function withPrefix(cidr: string, prefix: number): string {
  const [address] = ipaddr.IPv4.parseCIDR(cidr);
  return `${ipaddr.IPv4.networkAddressFromCIDR(`${address}/${prefix}`)}/${prefix}`;
}

/** Why `text` cannot be the subnet of a lab; undefined when it can. */
export function subnetProblem(text: string): SubnetProblem | undefined {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) {
    return { reason: "is not an IPv4 network in CIDR notation", instead: undefined };
  }
  const [address, given] = ipaddr.IPv4.parseCIDR(text);
  if (address.range() !== "private") {
    return { reason: "is not in a private range (RFC 1918)", instead: undefined };
  }
  const prefix = Math.min(prefixes.max, Math.max(prefixes.min, given));
  const instead = withPrefix(text, prefix);
  if (prefix !== given) return { reason: `has a prefix outside ${prefixes.min} to ${prefixes.max}`, instead };
  return instead === text ? undefined : { reason: "has host bits that are not zero", instead };
}

/** All addresses of a network, its own and the broadcast one among them. @throws when the text is no CIDR */
export function addressesIn(cidr: string): number {
  return 2 ** (32 - prefixOf(cidr));
}

/** Addresses that containers can have: all but the network's own, the broadcast one and the gateway's. */
export function usableAddresses(cidr: string): number {
  return addressesIn(cidr) - 3;
}

/** The longest allowed prefix with room for that many containers. */
export function prefixFor(containers: number): number {
  return Math.min(prefixes.max, 32 - Math.ceil(Math.log2(containers + 3)));
}

/** The n-th address of a network, counted from the network's own. @throws when the text is no CIDR */
export function addressIn(cidr: string, n: number): string {
  const bytes = Buffer.from(ipaddr.IPv4.networkAddressFromCIDR(cidr).toByteArray());
  bytes.writeUInt32BE(bytes.readUInt32BE() + n);
  return bytes.join(".");
}

function prefixOf(cidr: string): number {
  return ipaddr.IPv4.parseCIDR(cidr)[1];
}
