import { startAuthentication } from "@simplewebauthn/browser";
import type { ActionResult, Refusal } from "@/lib/errors";

type Challenge = { challengeId: string; options: Parameters<typeof startAuthentication>[0]["optionsJSON"] };
type Proved = { proof: Record<string, unknown>; refusal: null } | { proof: null; refusal: Refusal };

/** Asks the reader's own device to confirm the one act that `begin` made a challenge for. @returns the proof, or why there is none */
export async function provePresent(begin: () => Promise<ActionResult<Challenge>>): Promise<Proved> {
  const begun = await begin();
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
