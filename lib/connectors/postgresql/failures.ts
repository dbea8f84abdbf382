import pg from "pg";
import { messageOf } from "../../errors";
import { ConnectorError } from "../connector-error";
import {
  addressOf,
  certificateSaid,
  type NetworkFailure,
  type NetworkWords,
  silent,
  socketSaid,
} from "../network-failures";

/** Where a call went, for the message. */
export type Target = { host: string; port: number; user: string; database: string };

export { addressOf };

type Failure = NetworkFailure;

const words: NetworkWords = {
  server: "PostgreSQL server",
  listening: "listen_addresses of the server",
  otherName: "Use the host's name as the certificate has it, or verify-ca where names cannot match.",
  untrusted: "Enter the text of the authority that signed it; sslmode require would trust whoever answers.",
};

/** `error`, whatever threw it, as something that names the server, the object and the way out. */
export function toConnectorError(error: unknown, target: Target): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const [code, message, remedy] = explain(error, target);
  const retryable = ["08", "40", "53", "55", "57"].includes(sqlState(error)?.slice(0, 2) ?? "") || undefined;
  return new ConnectorError(code, message, { remedy, object: addressOf(target), retryable, cause: error });
}

/** The five characters by which the server names an error (PostgreSQL, appendix A), or null. */
export function sqlState(error: unknown): string | null {
  return error instanceof pg.DatabaseError && error.code ? error.code : null;
}

function explain(error: unknown, target: Target): Failure {
  const state = sqlState(error);
  if (state !== null) return serverSaid(state, messageOf(error), target);
  const code = (error as { code?: unknown } | null)?.code;
  const known =
    typeof code === "string" ? (socketSaid(code, target, words) ?? certificateSaid(code, error, target, words)) : null;
  return known ?? notUnderstood(error, target);
}

function serverSaid(state: string, message: string, { user, database, ...target }: Target): Failure {
  const address = addressOf(target);
  const known: Record<string, Failure> = {
    "28P01": ["credentials", `${address} refused the password of "${user}"`, "Enter the role's current password."],
    "28000": [
      "credentials",
      `${address} does not let "${user}" in: ${message}`,
      "Give the role LOGIN, and let it in from Rollcall's address in the server's pg_hba.conf.",
    ],
    "3D000": ["invalid", `there is no database "${database}" on ${address}`, "Name a database that exists."],
    "42501": [
      "rights",
      `"${user}" may not do this in "${database}" on ${address}: ${message}`,
      `Run the set-up instructions for the role, and GRANT CONNECT ON DATABASE to it.`,
    ],
    "53300": [
      "busy",
      `${address} has no connection left: ${message}`,
      "Raise max_connections, or try at another time.",
    ],
    "57P03": ["busy", `${address} does not take connections now: ${message}`, "Wait until the server is up."],
    "57014": [
      "timeout",
      `a statement in "${database}" on ${address} took longer than it may`,
      "Raise the time for one statement, or try when the server is less busy.",
    ],
    "55P03": [
      "busy",
      `something in "${database}" on ${address} was locked for too long`,
      "Try again when no structure is being changed.",
    ],
  };
  if (known[state]) return known[state];
  if (/^(08|57P)/.test(state)) {
    return [
      "unreachable",
      `${address} ended the connection: ${message}`,
      "Look into the server's log; Rollcall tries again.",
    ];
  }
  if (state.startsWith("40"))
    return ["busy", `${address} cancelled the statement: ${message}`, "Rollcall tries again."];
  return ["protocol", `${address} answered with error ${state}: ${message}`, "Look into the server's log."];
}

/** The failure of a server that takes the connection and then says nothing. */
export function hangs(target: { host: string; port: number }): Failure {
  return silent(target, words);
}

function notUnderstood(error: unknown, target: Target): Failure {
  return [
    "protocol",
    `${addressOf(target)} could not be read: ${messageOf(error)}`,
    "Check that this is a PostgreSQL server and which ways of signing in it asks for.",
  ];
}
