import { z } from "zod";
import { roles } from "./permissions";

/** The one-time secret of a sign-in link, as it stands behind the # of its address. */
export const redeemSignInLinkInput = z.strictObject({ token: z.string().min(20).max(100) });

const passkeyName = z
  .string()
  .trim()
  .min(1, "Give the passkey a name, such as the device it is on.")
  .max(60, "A passkey's name has at most 60 characters.");

// The browser's answer to a ceremony (Web Authentication level 3, section 5.1), as far as the verification reads it.
const credentialAnswer = z.object({
  id: z.string().min(1).max(2_000),
  rawId: z.string().max(2_000),
  type: z.literal("public-key"),
});

export const addPasskeyInput = z.strictObject({
  challengeId: z.uuid(),
  name: passkeyName,
  answer: credentialAnswer.extend({
    response: z.object({ clientDataJSON: z.string().max(5_000), attestationObject: z.string().max(20_000) }),
  }),
});
export type AddPasskeyInput = z.output<typeof addPasskeyInput>;

export const signInWithPasskeyInput = z.strictObject({
  challengeId: z.uuid(),
  answer: credentialAnswer.extend({
    response: z.object({
      clientDataJSON: z.string().max(5_000),
      authenticatorData: z.string().max(5_000),
      signature: z.string().max(5_000),
      userHandle: z.string().max(200).optional(),
    }),
  }),
});
export type SignInWithPasskeyInput = z.output<typeof signInWithPasskeyInput>;

export const renamePasskeyInput = z.strictObject({ id: z.string().min(1).max(2_000), name: passkeyName });
export const removePasskeyInput = z.strictObject({ id: z.string().min(1).max(2_000) });

export const nothingInput = z.strictObject({});
export const sessionInput = z.strictObject({ id: z.uuid() });
export const personInput = z.strictObject({ userId: z.uuid() });
export const setRolesInput = z.strictObject({
  userId: z.uuid(),
  roles: z
    .array(z.enum(roles))
    .max(roles.length)
    .transform((list) => [...new Set(list)].sort()),
});
