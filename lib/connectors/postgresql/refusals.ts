import { ConnectorError } from "../connector-error";
import type { Outcome } from "../provisioning";
import type { Refusal } from "./access-target";
import { stateOf } from "./provision-session";

/** Thrown inside a transaction, so that nothing of it stays: the system will not do this until a person acts. */
export class Refused extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.because);
    this.name = "Refused";
  }
}

/** A refusal as the outcome of a verb. */
export function impossible(refusal: Refusal): Outcome {
  return { outcome: "impossible", ...refusal };
}

/** What `error` means for good, or null where it says nothing about this thing. */
export function refusalOf(error: unknown, me: string): Refusal | null {
  if (error instanceof Refused) return error.refusal;
  const state = stateOf(error);
  const remedy = state === null ? undefined : remedies(me)[state];
  if (remedy === undefined || !(error instanceof ConnectorError)) return null;
  return { because: serverWords(error), remedy };
}

// By the server's own names of errors (appendix A).
function remedies(me: string): Record<string, string> {
  const gone = "Read the connection again: it was renamed or dropped meanwhile.";
  return {
    "42501": `Give "${me}" what it needs for this, as the set-up instructions show: ADMIN OPTION on a role, GRANT OPTION on an object, CONNECT on its database.`,
    "0LP01":
      "The role is a member of the account, so that the account cannot be a member of the role. Choose another access.",
    "2BP01": "Others got this from the account. Take it from them first, as the set-up role or as a superuser.",
    "0P000": gone,
    "42704": gone,
    "3F000": gone,
    "42P01": gone,
    "42703": gone,
    "42883": gone,
    "42809": "Read the connection again: it is another kind of thing now.",
    "0A000": "Choose another access: PostgreSQL does not allow this one.",
    "42939": "Choose another name: PostgreSQL keeps this one for itself.",
  };
}

function serverWords(error: ConnectorError): string {
  return error.cause instanceof Error ? `PostgreSQL refuses: ${error.cause.message}` : error.message;
}
