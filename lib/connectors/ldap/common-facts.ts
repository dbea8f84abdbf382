import { createHash, X509Certificate } from "node:crypto";
import type { Observation } from "../schema";
import { longestName } from "../schema";
import { idOf } from "./directory-index";
import { normalDn } from "./dn";
import { bytesOf, type Entry, textOf, textsOf } from "./entry";

// What both kinds of directory have alike. Pure.

const longestAttribute = 1_000;

/** A distinguished name as a name in the inventory; one that is too long keeps its beginning. */
export function nameOf(dn: string): string {
  return dn.length <= longestName ? dn : `${dn.slice(0, longestName - 1)}…`;
}

/** Names other than its own by which somebody may ask for it, as `can` and the search compare them: in lower case. */
export function alsoKnownAs(entry: Entry, ...names: (string | null)[]): string[] {
  const all = [normalDn(entry.dn), ...names.flatMap((name) => (name === null ? [] : [name.toLowerCase()]))];
  return [...new Set(all)].map((name) => name.slice(0, longestAttribute));
}

/** Only what says something, and nothing longer than a page shows. */
export function told(facts: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(facts).flatMap(([name, value]): [string, unknown][] => {
    if (value === null || value === undefined || value === false || value === "") return [];
    if (Array.isArray(value)) return value.length === 0 ? [] : [[name, value.slice(0, 50).map(shortened)]];
    return [[name, shortened(value)]];
  });
  return Object.fromEntries(kept);
}

function shortened(value: unknown): unknown {
  return typeof value === "string" && value.length > longestAttribute ? `${value.slice(0, longestAttribute)}…` : value;
}

/** An e-mail address, or null where the first one is none. */
export function mailOf(entry: Entry): string | null {
  const mail = textOf(entry, "mail")?.trim() ?? "";
  return /^[^@\s]+@[^@\s]+$/.test(mail) && mail.length <= longestName ? mail : null;
}

/** Certificates and SSH keys that the entry lists for itself. */
export function keysOf(entry: Entry, now: Date): Observation[] {
  return [
    ...bytesOf(entry, "userCertificate").flatMap((bytes) => certificate(entry, bytes, now)),
    ...textsOf(entry, "sshPublicKey").flatMap((line) => sshKey(entry, line)),
  ];
}

function certificate(entry: Entry, bytes: Buffer, now: Date): Observation[] {
  try {
    const found = new X509Certificate(bytes);
    const expiresAt = new Date(found.validTo);
    return [
      {
        kind: "credential",
        account: idOf(entry),
        credentialKind: "certificate",
        externalId: `${idOf(entry)}:${found.fingerprint256}`,
        name: (found.subject.replaceAll("\n", ", ") || `serial ${found.serialNumber}`).slice(0, longestName),
        status: expiresAt < now ? "expired" : "active",
        sourceCreatedAt: new Date(found.validFrom),
        expiresAt,
        attributes: told({ issuer: found.issuer.replaceAll("\n", ", "), serial: found.serialNumber }),
      },
    ];
  } catch {
    return [];
  }
}

function sshKey(entry: Entry, line: string): Observation[] {
  const [, type = "", body = "", comment = ""] =
    /(ssh-\S+|ecdsa-\S+|sk-\S+)\s+([A-Za-z0-9+/=]+)\s*(.*)$/.exec(line) ?? [];
  if (body === "") return [];
  const print = createHash("sha256").update(Buffer.from(body, "base64")).digest("base64").replace(/=+$/, "");
  return [
    {
      kind: "credential",
      account: idOf(entry),
      credentialKind: "ssh_key",
      externalId: `${idOf(entry)}:SHA256:${print}`,
      name: (comment.trim() || `SHA256:${print}`).slice(0, longestName),
      attributes: { type, fingerprint: `SHA256:${print}` },
    },
  ];
}
