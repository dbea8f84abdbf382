import {
  AlreadyExistsError,
  ConstraintViolationError,
  InsufficientAccessError,
  InvalidSyntaxError,
  NoSuchAttributeError,
  ObjectClassViolationError,
  type ResultCodeError,
  TypeOrValueExistsError,
  UndefinedTypeError,
  UnwillingToPerformError,
} from "ldapts";
import type { ConnectorError } from "../connector-error";
import type { Outcome } from "../provisioning";

// What a directory answers to a change that it does not make. Sessions wrap it: it is the cause of what they throw.

/** Was the value there already? */
export function isThereAlready(error: unknown): boolean {
  const cause = causeOf(error);
  return cause instanceof TypeOrValueExistsError || cause instanceof AlreadyExistsError;
}

/** Was the value gone already? Active Directory says so by a Windows error: ERROR_MEMBER_NOT_IN_GROUP. */
export function isGoneAlready(error: unknown): boolean {
  const cause = causeOf(error);
  return (
    cause instanceof NoSuchAttributeError ||
    (cause instanceof UnwillingToPerformError && /00000561/.test(cause.message))
  );
}

/** Must the list have at least one? */
export function needsMember(error: unknown): boolean {
  return causeOf(error) instanceof ObjectClassViolationError;
}

/** Does the server not know the attribute? */
export function isUnknownAttribute(error: unknown): boolean {
  const cause = causeOf(error);
  return cause instanceof UndefinedTypeError || cause instanceof InvalidSyntaxError;
}

/**
 * What will not happen however often one tries, in words.
 * @throws `error` itself where a later try may succeed
 */
export function impossibleBy(error: unknown, who: string, dn: string): Outcome {
  const cause = causeOf(error);
  if (cause instanceof InsufficientAccessError) {
    return {
      outcome: "impossible",
      because: `${who} may not change ${dn}`,
      remedy: "Give it the right to, as the set-up instructions show.",
    };
  }
  const isRefused =
    cause instanceof UnwillingToPerformError ||
    cause instanceof ConstraintViolationError ||
    cause instanceof ObjectClassViolationError ||
    cause instanceof NoSuchAttributeError;
  if (!isRefused) throw error;
  return {
    outcome: "impossible",
    because: `the directory refuses this change of ${dn}: ${(cause as ResultCodeError).message.slice(0, 300)}`,
    remedy: "See which members the kind and scope of this group allow.",
  };
}

function causeOf(error: unknown): unknown {
  return (error as ConnectorError | null)?.cause ?? error;
}
