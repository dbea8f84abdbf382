import {
  generateAuthenticationOptions,
  type PublicKeyCredentialRequestOptionsJSON,
  verifyAuthenticationResponse,
} from "@simplewebauthn/server";
import { z } from "zod";
import { db, transaction } from "../db/client";
import { AppError } from "../errors";
import { now } from "../time";
import type { Actor } from "./actor";
import { keepChallenge, relyingParty, takeChallenge } from "./challenge";
import { spend } from "./limit-sign-in";
import { signInWithPasskeyInput } from "./schema";

/** What comes back from the browser. */
export const presenceProof = z.object({ challengeId: z.uuid(), answer: signInWithPasskeyInput.shape.answer });

/**
 * Asks the caller's own device to prove, now, that they are there: for one act, which `boundTo` names.
 * @throws AppError `forbidden` where there is nobody to prove it, or no passkey
 */
export async function beginPresence(
  actor: Actor,
  boundTo: string,
): Promise<{ challengeId: string; options: PublicKeyCredentialRequestOptionsJSON }> {
  if (actor.type !== "person" || actor.sessionId === null) throw needsPerson();
  const keys = await db().passkey.findMany({ where: { userId: actor.userId }, select: { id: true } });
  if (keys.length === 0)
    throw new AppError("forbidden", "This needs a passkey of yours, and you have none here.", {
      remedy: "Add one on the page My sessions, then come back.",
    });
  const options = await generateAuthenticationOptions({
    rpID: relyingParty().id,
    userVerification: "required",
    allowCredentials: keys.map(({ id }) => ({ id })),
  });
  return { challengeId: await keepChallenge("presence", options.challenge, actor.userId, boundTo), options };
}

/**
 * Checks a device's answer to the challenge that was made for exactly this act; the challenge is used up, right or wrong.
 * @returns the id of the passkey
 * @throws AppError `forbidden`
 */
export async function provePresence(actor: Actor, boundTo: string, proof: unknown): Promise<string> {
  if (actor.type !== "person" || actor.sessionId === null) throw needsPerson();
  const parsed = presenceProof.safeParse(proof);
  if (!parsed.success)
    throw new AppError("forbidden", "This has to be confirmed with a passkey, for this decision alone.", {
      field: "proof",
      remedy: "Confirm it on the page with your device.",
    });
  await spend("sign-in-account", actor.userId);
  const { challengeId, answer } = parsed.data;
  const challenge = await transaction((tx) => takeChallenge(tx, "presence", challengeId, actor.userId, boundTo));
  const passkey = await db().passkey.findFirst({ where: { id: answer.id, userId: actor.userId } });
  const { id: expectedRPID, origin: expectedOrigin } = relyingParty();
  const checked = passkey
    ? await verifyAuthenticationResponse({
        response: { ...answer, clientExtensionResults: {} },
        expectedChallenge: challenge,
        expectedOrigin,
        expectedRPID,
        requireUserVerification: true,
        credential: { id: passkey.id, publicKey: new Uint8Array(passkey.publicKey), counter: Number(passkey.counter) },
      }).catch(() => null)
    : null;
  if (!passkey || !checked?.verified)
    throw new AppError("forbidden", "Your device did not confirm it.", {
      remedy: "Try again with the passkey that you use here.",
    });
  await db().passkey.update({
    where: { id: passkey.id },
    data: { counter: checked.authenticationInfo.newCounter, lastUsedAt: now() },
    select: { id: true },
  });
  return passkey.id;
}

function needsPerson(): AppError {
  return new AppError("forbidden", "This has to be confirmed by a person with a passkey, on the page.", {
    remedy: "Open it in a browser; a token cannot confirm it.",
  });
}
