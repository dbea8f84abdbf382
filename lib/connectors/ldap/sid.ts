import { privileges } from "../schema";

// Windows security identifiers and what is known of them (MS-DTYP 2.4.2, "Well-Known SID Structures"). Pure.

/** S-1-5-21-… of the bytes of an objectSid, or null. */
export function sidOf(bytes: Buffer | undefined): string | null {
  if (!bytes || bytes.length < 8 || bytes.length !== 8 + 4 * (bytes[1] ?? 0)) return null;
  const parts = Array.from({ length: bytes[1] ?? 0 }, (_, at) => bytes.readUInt32LE(8 + 4 * at));
  return ["S", bytes[0], bytes.readUIntBE(2, 6), ...parts].join("-");
}

/** The last number of a SID. */
export function ridOf(sid: string): number {
  return Number(sid.split("-").at(-1));
}

/** The domain of a SID: all but its last number. */
export function domainOf(sid: string): string {
  return sid.split("-").slice(0, -1).join("-");
}

/** 8-4-4-4-12 of the bytes of an objectGUID: the first three groups are little-endian. */
export function guidOf(bytes: Buffer | undefined): string | null {
  if (bytes?.length !== 16) return null;
  const hex = [
    Buffer.from(bytes.subarray(0, 4)).reverse(),
    Buffer.from(bytes.subarray(4, 6)).reverse(),
    Buffer.from(bytes.subarray(6, 8)).reverse(),
    bytes.subarray(8, 10),
    bytes.subarray(10),
  ];
  return hex.map((part) => part.toString("hex")).join("-");
}

const { admin, everything } = privileges;

// By number, never by name: names are translated and can be changed.
const inDomain: Record<number, number> = {
  498: everything, // Enterprise Read-only Domain Controllers replicate the domain
  512: everything, // Domain Admins
  516: everything, // Domain Controllers
  517: admin, // Cert Publishers
  518: everything, // Schema Admins
  519: everything, // Enterprise Admins
  520: admin, // Group Policy Creator Owners
  521: admin, // Read-only Domain Controllers
  526: everything, // Key Admins
  527: everything, // Enterprise Key Admins
};
const builtIn: Record<number, number> = {
  544: everything, // Administrators
  548: admin, // Account Operators
  549: admin, // Server Operators
  550: admin, // Print Operators
  551: everything, // Backup Operators: may copy the domain's database
  552: admin, // Replicator
  557: admin, // Incoming Forest Trust Builders
  578: admin, // Hyper-V Administrators
  580: admin, // Remote Management Users
};

/** What being in this group is worth by its number, or null where it is not one of Windows' own. */
export function privilegeOfSid(sid: string): number | null {
  const rid = ridOf(sid);
  if (domainOf(sid) === "S-1-5-32") return builtIn[rid] ?? null;
  return sid.startsWith("S-1-5-21-") ? (inDomain[rid] ?? null) : null;
}

const firstOwnRid = 1_000;

/** Does Windows itself bring the group of this SID along? What a domain makes gets numbers from 1000 on. */
export function isBuiltInSid(sid: string): boolean {
  return domainOf(sid) === "S-1-5-32" || (sid.startsWith("S-1-5-21-") && ridOf(sid) < firstOwnRid);
}

const wellKnown: Record<string, string> = {
  "S-1-1-0": "Everyone",
  "S-1-5-2": "Network: whoever comes over the network",
  "S-1-5-4": "Interactive: whoever signs in at the machine",
  "S-1-5-6": "Service: whatever runs as a service",
  "S-1-5-7": "Anonymous: whoever did not sign in",
  "S-1-5-9": "Enterprise Domain Controllers",
  "S-1-5-11": "Authenticated Users: whoever signed in",
  "S-1-5-15": "This Organization",
  "S-1-5-17": "IUSR",
  "S-1-5-18": "Local System",
  "S-1-5-19": "Local Service",
  "S-1-5-20": "Network Service",
};

/** What a SID that belongs to no domain stands for, or null. */
export function wellKnownSid(sid: string): string | null {
  return Object.hasOwn(wellKnown, sid) ? (wellKnown[sid] ?? null) : null;
}
