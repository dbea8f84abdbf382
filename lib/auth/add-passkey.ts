import {
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { record } from "../audit/record";
import { db, type Tx, transaction } from "../db/client";
import { AppError, messageOf } from "../errors";
import { now } from "../time";
import type { Actor } from "./actor";
import { assertFreshSession } from "./assert-fresh-session";
import { authorizeReach } from "./authorize";
import { keepChallenge, relyingParty, takeChallenge } from "./challenge";
import type { AddPasskeyInput } from "./schema";

/** What the browser needs to make a passkey for whoever is signed in. */
export async function beginPasskey(
  actor: Actor,
): Promise<{ challengeId: string; options: PublicKeyCredentialCreationOptionsJSON }> {
  await authorizeReach(actor, "passkey:add");
  const person = await assertFreshSession(actor);
  const held = await db().passkey.findMany({ where: { userId: person.userId } });
  const { id, name } = relyingParty();
  const options = await generateRegistrationOptions({
    rpID: id,
    rpName: name,
    userID: Buffer.from(person.userId.replaceAll("-", ""), "hex"),
    userName: person.email ?? person.name,
    userDisplayName: person.name,
    attestationType: "none",
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    excludeCredentials: held.map((passkey) => ({ id: passkey.id })),
  });
  return { challengeId: await keepChallenge("passkey-add", options.challenge, person.userId), options };
}

/**
 * Keeps the passkey that the browser made, after verifying it (Web Authentication level 3, section 7.1): our challenge,
 * our origin, and a device that verified its user.
 * @throws AppError `unauthenticated` (challenge used or too old), `invalid`, `conflict`
 */
export async function addPasskey(actor: Actor, input: AddPasskeyInput): Promise<{ id: string; name: string }> {
  await authorizeReach(actor, "passkey:add");
  const { userId } = await assertFreshSession(actor);
  // On its own, so that a wrong answer uses the challenge up too.
  const challenge = await transaction((tx) => takeChallenge(tx, "passkey-add", input.challengeId, userId));
  const credential = await verify(input, challenge);
  return transaction(async (tx) => {
    await assertNew(tx, credential.id);
    const passkey = await tx.passkey.create({
      data: {
        id: credential.id,
        userId,
        name: input.name,
        publicKey: credential.publicKey,
        counter: credential.counter,
        createdAt: now(),
      },
      select: { id: true, name: true },
    });
    await record(tx, actor, { action: "passkey.added", target: { type: "passkey", ...passkey } });
    return passkey;
  });
}

async function verify(input: AddPasskeyInput, expectedChallenge: string) {
  const { id: expectedRPID, origin: expectedOrigin } = relyingParty();
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { ...input.answer, clientExtensionResults: {} },
      expectedChallenge,
      expectedOrigin,
      expectedRPID,
      requireUserVerification: true,
    });
    if (verified) return registrationInfo.credential;
  } catch (error) {
    throw notVerified(messageOf(error), error);
  }
  throw notVerified("the answer does not verify");
}

async function assertNew(tx: Tx, id: string): Promise<void> {
  if ((await tx.passkey.count({ where: { id } })) === 0) return;
  throw new AppError("conflict", "This passkey is registered already.", {
    remedy: "Use another device, or sign in with it.",
  });
}

function notVerified(why: string, cause?: unknown): AppError {
  return new AppError("invalid", `The passkey was not added: ${why}.`, {
    field: "answer",
    remedy: "Open Rollcall at its own address and try again, with a device that asks for your finger, face or PIN.",
    cause,
  });
}
