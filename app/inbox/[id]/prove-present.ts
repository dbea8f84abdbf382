import { startAuthentication } from "@simplewebauthn/browser";
import type { Refusal } from "@/lib/errors";
import { begin } from "../actions";

type Proved = { proof: Record<string, unknown>; refusal: null } | { proof: null; refusal: Refusal };

/** Asks the reader's own device to confirm this very approval. @returns the proof, or why there is none */
export async function provePresent(id: string): Promise<Proved> {
  const begun = await begin({ id });
  if (!begun.ok) return { proof: null, refusal: begun.refusal };
  const { challengeId, options } = begun.value;
  const answer = await startAuthentication({ optionsJSON: options }).catch(() => null);
  if (answer === null) return { proof: null, refusal: notConfirmed };
  return { proof: { challengeId, answer }, refusal: null };
}

const notConfirmed: Refusal = {
  code: "unauthenticated",
  message: "Your device did not confirm it.",
  remedy: "Try again, and confirm with your finger, face or PIN.",
};
