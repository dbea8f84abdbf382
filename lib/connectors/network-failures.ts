import { messageOf } from "../errors";
import type { ConnectorErrorCode } from "./schema";

// What can go wrong before a server has said anything, in the same words for every kind of system.

/** What went wrong, in words: the code it is chosen by, what happened, what to do. */
export type NetworkFailure = [code: ConnectorErrorCode, message: string, remedy: string];

/** What is particular to one kind of system. */
export type NetworkWords = {
  /** "PostgreSQL server" */
  server: string;
  /** Where the server says what it listens on. */
  listening: string;
  /** What to do where the certificate is for another name. */
  otherName: string;
  /** What to do where nobody trusted signed the certificate. */
  untrusted: string;
};

type Address = { host: string; port: number };

/** `db1:5432` */
export function addressOf({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The failure that a code of Node's sockets or resolver stands for, or null. */
export function socketSaid(code: string, target: Address, words: NetworkWords): NetworkFailure | null {
  const address = addressOf(target);
  if (["ENOTFOUND", "EAI_AGAIN", "EAI_NODATA", "EAI_NONAME"].includes(code)) {
    return [
      "unreachable",
      `there is no host named "${target.host}"`,
      "Check the host's name, and the resolver of the machine.",
    ];
  }
  if (code === "ECONNREFUSED") {
    return ["unreachable", `nothing listens at ${address}`, `Check host and port, and ${words.listening}.`];
  }
  if (["EHOSTUNREACH", "ENETUNREACH", "EACCES", "EPERM", "EADDRNOTAVAIL"].includes(code)) {
    return ["unreachable", `there is no way to ${address} (${code})`, "Check the network and the firewalls between."];
  }
  if (["ECONNRESET", "EPIPE", "ECONNABORTED"].includes(code)) {
    return ["unreachable", `${address} cut the connection`, "Look into the server's log; Rollcall tries again."];
  }
  if (code === "ETIMEDOUT") return silent(target, words);
  return null;
}

/** The failure of a server that takes the connection and then says nothing. */
export function silent(target: Address, words: NetworkWords): NetworkFailure {
  return [
    "timeout",
    `${addressOf(target)} did not answer in time`,
    `Check that this is ${/^([AEIOU]|LDAP)/.test(words.server) ? "an" : "a"} ${words.server}, and the firewalls between; or allow more time.`,
  ];
}

/** The failure of a certificate that does not verify, or null. */
export function certificateSaid(
  code: string,
  error: unknown,
  target: Address,
  words: NetworkWords,
): NetworkFailure | null {
  const address = addressOf(target);
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return ["certificate", `the certificate of ${address} is for another name: ${messageOf(error)}`, words.otherName];
  }
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return ["certificate", `the certificate of ${address} is not valid now`, "Renew the server's certificate."];
  }
  if (!/CERT|ISSUER|SELF_SIGNED|^ERR_(SSL|TLS|OSSL)|SIGNATURE|EPROTO/.test(code)) return null;
  return ["certificate", `the certificate of ${address} does not verify: ${messageOf(error)}`, words.untrusted];
}
