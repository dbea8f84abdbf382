import {
  generateAuthenticationOptions,
  type PublicKeyCredentialRequestOptionsJSON,
  verifyAuthenticationResponse,
} from "@simplewebauthn/server";
import { db, transaction } from "../db/client";
import type { Passkey } from "../db/generated/client";
import { AppError } from "../errors";
import { now } from "../time";
import { keepChallenge, relyingParty, takeChallenge } from "./challenge";
import { giveBack, spend } from "./limit-sign-in";
import { refuseSignIn } from "./refuse-sign-in";
import type { SignInWithPasskeyInput } from "./schema";
import { type StartedSession, startSession } from "./session";
import { networkOf, type Visitor } from "./visitor";

/** What the browser needs to ask its user for a passkey of this site. */
export async function beginPasskeySignIn(
  visitor: Visitor,
): Promise<{ challengeId: string; options: PublicKeyCredentialRequestOptionsJSON }> {
  await spend("sign-in-begun", networkOf(visitor.ip));
  const options = await generateAuthenticationOptions({ rpID: relyingParty().id, userVerification: "required" });
  return { challengeId: await keepChallenge("passkey-sign-in", options.challenge, null), options };
}

/**
 * Signs in whoever holds a passkey (Web Authentication level 3, section 7.2): our challenge, taken once; our origin; a
 * device that verified its user; a counter that does not go back.
 * @throws AppError `unauthenticated`, `limited`
 */
export async function signInWithPasskey(visitor: Visitor, input: SignInWithPasskeyInput): Promise<StartedSession> {
  const network = networkOf(visitor.ip);
  await spend("sign-in-network", network);
  const passkey = await db().passkey.findUnique({ where: { id: input.answer.id }, include: { user: true } });
  try {
    if (passkey) await spend("sign-in-account", passkey.userId);
    // On its own, so that a wrong answer uses the challenge up too.
    const challenge = await transaction((tx) => takeChallenge(tx, "passkey-sign-in", input.challengeId, null));
    if (!passkey) throw notVerified();
    const counter = await verify(input, challenge, passkey);
    const session = await transaction(async (tx) => {
      const used = await tx.passkey.updateMany({
        where: { id: passkey.id, counter: passkey.counter },
        data: { counter, lastUsedAt: now() },
      });
      if (used.count === 0) throw notVerified();
      return startSession(tx, { userId: passkey.userId, authenticatedBy: "passkey", visitor });
    });
    await giveBack("sign-in-network", network);
    await giveBack("sign-in-account", passkey.userId);
    return session;
  } catch (error) {
    return refuseSignIn(
      visitor,
      "passkey",
      error,
      passkey ? { id: passkey.userId, name: passkey.user.name } : undefined,
    );
  }
}

async function verify(input: SignInWithPasskeyInput, expectedChallenge: string, passkey: Passkey): Promise<number> {
  const { id: expectedRPID, origin: expectedOrigin } = relyingParty();
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { ...input.answer, clientExtensionResults: {} },
      expectedChallenge,
      expectedOrigin,
      expectedRPID,
      requireUserVerification: true,
      credential: { id: passkey.id, publicKey: new Uint8Array(passkey.publicKey), counter: Number(passkey.counter) },
    });
    if (verified) return authenticationInfo.newCounter;
  } catch (error) {
    throw notVerified(error);
  }
  throw notVerified();
}

// One answer for an unknown passkey and a wrong signature: a stranger learns nothing from the difference.
function notVerified(cause?: unknown): AppError {
  return new AppError("unauthenticated", "This passkey did not let you in.", {
    remedy: "It may have been removed here. Use another way, or ask whoever runs Rollcall for a one-time link.",
    cause,
  });
}
