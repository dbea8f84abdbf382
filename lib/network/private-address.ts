import { BlockList, isIPv4, isIPv6 } from "node:net";

const privateNets = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const)
  privateNets.addSubnet(net, bits, "ipv4");
for (const [net, bits] of [
  ["::", 128],
  ["::1", 128],
  ["64:ff9b::", 96],
  ["100::", 64],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const)
  privateNets.addSubnet(net, bits, "ipv6");

const linkLocalNets = new BlockList();
linkLocalNets.addSubnet("169.254.0.0", 16, "ipv4");
linkLocalNets.addSubnet("fe80::", 10, "ipv6");
// Where the machines of Amazon and Google ask for their credentials over IPv6, and those of Alibaba, Oracle and Azure
// over IPv4, without it being link-local.
for (const address of ["fd00:ec2::254", "fd20:ce::254"]) linkLocalNets.addAddress(address, "ipv6");
for (const address of ["100.100.100.200", "192.0.0.192", "168.63.129.16"]) linkLocalNets.addAddress(address, "ipv4");

/**
 * Is this address one that the internet does not route to: loopback, private, link-local, shared, multicast, or one of
 * these wrapped in IPv6? What is no address at all counts as private.
 */
export function isPrivateAddress(address: string): boolean {
  return isIn(privateNets, address);
}

/** Is this an address of the machine's own link, at which a cloud answers with the machine's credentials? */
export function isLinkLocalAddress(address: string): boolean {
  return isIn(linkLocalNets, address);
}

function isIn(nets: BlockList, address: string): boolean {
  if (isIPv4(address)) return nets.check(address, "ipv4");
  if (!isIPv6(address)) return true;
  const bare = address.replace(/%.*$/, "");
  const wrapped = wrappedIPv4(bare);
  return wrapped === null ? nets.check(bare, "ipv6") : nets.check(wrapped, "ipv4");
}

// IPv4 within IPv6: mapped, compatible (RFC 4291, section 2.5.5), through NAT64 (RFC 6052) or 6to4 (RFC 3056).
const wrappings = [
  /^::(?:ffff:)?([0-9a-f]{1,4}):([0-9a-f]{1,4})$/,
  /^64:ff9b::([0-9a-f]{1,4}):([0-9a-f]{1,4})$/,
  /^2002:([0-9a-f]{1,4}):([0-9a-f]{1,4}):/,
];

// The URL parser writes an IPv6 address in its one canonical form: ::ffff:127.0.0.1 becomes ::ffff:7f00:1.
function wrappedIPv4(address: string): string | null {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const words = wrappings.map((wrapping) => wrapping.exec(canonical)).find((found) => found !== null);
  if (!words) return null;
  const [high, low] = [Number.parseInt(words[1] ?? "0", 16), Number.parseInt(words[2] ?? "0", 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
