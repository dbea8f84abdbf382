import {
  AdminLimitExceededError,
  AuthMethodNotSupportedError,
  BusyError,
  ConfidentialityRequiredError,
  InappropriateAuthError,
  InsufficientAccessError,
  InvalidCredentialsError,
  InvalidDNSyntaxError,
  NoSuchObjectError,
  ProtocolError,
  ResultCodeError,
  SizeLimitExceededError,
  StrongAuthRequiredError,
  TimeLimitExceededError,
  UnavailableCriticalExtensionError,
  UnavailableError,
  UnwillingToPerformError,
} from "ldapts";
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

/** Where a call went and as whom, for the message; `object`: the entry or search it was about. */
export type Target = { host: string; port: number; bindDn: string; object: string | null };

const words: NetworkWords = {
  server: "LDAP server",
  listening: "that the server listens there (636 for ldaps, 389 otherwise)",
  otherName: "Use the host's name as the certificate has it.",
  untrusted: "Enter the text of the authority that signed it; Active Directory's own is the domain's enterprise CA.",
};

/** `error`, whatever threw it, as something that names the server, the object and the way out. */
export function toConnectorError(error: unknown, target: Target): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const [code, message, remedy] = explain(error, target);
  const retryable = error instanceof UnavailableError || undefined;
  return new ConnectorError(code, message, {
    remedy,
    object: target.object ?? addressOf(target),
    retryable,
    cause: error,
  });
}

/** A server that said nothing in time. */
export function tookTooLong(target: Target, cause: unknown): ConnectorError {
  const [code, message, remedy] = silent(target, words);
  return new ConnectorError(code, message, { remedy, object: target.object ?? addressOf(target), cause });
}

/** A connection that ended before the answer was whole. */
export function wasCut(target: Target, cause: unknown): ConnectorError {
  const what = target.object === null ? "" : ` while "${target.object}" was being read`;
  return new ConnectorError("unreachable", `${addressOf(target)} cut the connection${what}`, {
    remedy: "Look into the server's log; Rollcall tries again. Nothing was changed.",
    object: target.object ?? addressOf(target),
    cause,
  });
}

/** What answers does not speak LDAP as it should. */
export function notUnderstood(target: Target, why: string, cause?: unknown): ConnectorError {
  return new ConnectorError("protocol", `${addressOf(target)} could not be read: ${why}`, {
    remedy: "Check that this is an LDAP server, and which kind of encryption its port speaks.",
    object: target.object ?? addressOf(target),
    cause,
  });
}

function explain(error: unknown, target: Target): NetworkFailure {
  if (error instanceof ResultCodeError) return serverSaid(error, target);
  const code = (error as { code?: unknown } | null)?.code;
  const known =
    typeof code === "string" ? (socketSaid(code, target, words) ?? certificateSaid(code, error, target, words)) : null;
  if (known) return known;
  return [
    "protocol",
    `${addressOf(target)} could not be read: ${messageOf(error)}`,
    "Check that this is an LDAP server, and which kind of encryption its port speaks.",
  ];
}

function serverSaid(error: ResultCodeError, target: Target): NetworkFailure {
  const address = addressOf(target);
  const who = target.bindDn === "" ? "nobody in particular" : `"${target.bindDn}"`;
  const said = error.message.replaceAll("\u0000", "").slice(0, 300);
  const about = target.object === null ? "" : ` for "${target.object}"`;
  if (error instanceof InvalidCredentialsError) return refusedSignIn(said, address, who);
  if (error instanceof StrongAuthRequiredError || error instanceof ConfidentialityRequiredError) {
    return ["credentials", `${address} lets nobody in without encryption: ${said}`, "Choose ldaps or starttls."];
  }
  if (error instanceof InappropriateAuthError || error instanceof AuthMethodNotSupportedError) {
    return [
      "credentials",
      `${address} does not let ${who} in with a password: ${said}`,
      "Give the account a password, and allow simple bind; anonymous reading must be allowed at the server.",
    ];
  }
  if (error instanceof InsufficientAccessError) {
    return [
      "rights",
      `${who} may not read "${target.object ?? address}" at ${address}: ${said}`,
      "Run the set-up instructions for the account.",
    ];
  }
  if (error instanceof NoSuchObjectError) {
    return [
      "invalid",
      `${address} shows ${who} no entry "${target.object ?? ""}"`,
      "Correct the base; or give the account the right to see it, as the set-up instructions say.",
    ];
  }
  if (error instanceof InvalidDNSyntaxError) {
    return [
      "invalid",
      `${address} does not take "${target.object ?? target.bindDn}" for a name: ${said}`,
      "Correct it.",
    ];
  }
  if (error instanceof SizeLimitExceededError || error instanceof AdminLimitExceededError) {
    return [
      "limit",
      `${address} gives ${who} only a part of "${target.object ?? address}": ${said || "its size limit is reached"}`,
      "Raise the server's limit for this account (OpenLDAP: limits … size.prtotal=unlimited), or lower the entries in one answer.",
    ];
  }
  if (error instanceof TimeLimitExceededError) {
    return [
      "timeout",
      `${address} gave up${about} at its time limit`,
      "Allow more time for one answer, here and at the server; or read when it is less busy.",
    ];
  }
  if (error instanceof BusyError || error instanceof UnavailableError) {
    return ["busy", `${address} takes no requests now: ${said}`, "Rollcall tries again."];
  }
  if (error instanceof UnavailableCriticalExtensionError) {
    return [
      "protocol",
      `${address} cannot give its entries in pages (RFC 2696)`,
      "Allow the control 1.2.840.113556.1.4.319 at the server.",
    ];
  }
  if (error instanceof UnwillingToPerformError || error instanceof ProtocolError) {
    return ["protocol", `${address} refused the request${about}: ${said}`, "Look into the server's log."];
  }
  return ["protocol", `${address} answered${about} with error ${error.code}: ${said}`, "Look into the server's log."];
}

// Active Directory says why in a number inside the text (MS-ADTS 3.1.1.3.1.5.1: the Windows error code).
const windowsSays: Record<string, [said: string, remedy: string]> = {
  "525": ["knows no such account", "Correct the name to sign in as."],
  "530": ["lets it in at other hours only", "Allow the account to sign in at all hours."],
  "531": ["lets it in from other machines only", "Allow the account to sign in from Rollcall's machine."],
  "532": ["says that its password has expired", "Set a new password, and enter it here."],
  "533": ["says that the account is disabled", "Enable the account."],
  "568": ["says that it is in too many groups", "Take the account out of groups it does not need."],
  "701": ["says that the account has expired", "Extend the account."],
  "773": ["wants the password changed first", "Set a password that need not be changed at the first sign-in."],
  "775": ["says that the account is locked", "Unlock it, and find out who tried wrong passwords."],
};

function refusedSignIn(said: string, address: string, who: string): NetworkFailure {
  const reason = windowsSays[/\bdata ([0-9a-f]{3})\b/i.exec(said)?.[1]?.toLowerCase() ?? ""];
  if (reason) return ["credentials", `${address} refused ${who}: it ${reason[0]}`, reason[1]];
  return ["credentials", `${address} refused the password of ${who}`, "Enter the account's current name and password."];
}
