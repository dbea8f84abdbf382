"use server";

import type { Route } from "next";
import { redirect } from "next/navigation";
import { action, visitorAction } from "@/app/action";
import { addPasskey, beginPasskey } from "@/lib/auth/add-passkey";
import { currentActor, visitorOfAction } from "@/lib/auth/current-actor";
import { signOut as endThisSession } from "@/lib/auth/end-session";
import { redeemSignInLink } from "@/lib/auth/redeem-sign-in-link";
import { addPasskeyInput, nothingInput, redeemSignInLinkInput, signInWithPasskeyInput } from "@/lib/auth/schema";
import { removeSessionCookie, setSessionCookie } from "@/lib/auth/session-cookie";
import { beginPasskeySignIn, signInWithPasskey } from "@/lib/auth/sign-in-with-passkey";

export const signInByLink = visitorAction(redeemSignInLinkInput, async (visitor, input) => {
  await setSessionCookie(await redeemSignInLink(visitor, input));
});

export const startPasskeySignIn = visitorAction(nothingInput, beginPasskeySignIn);

export const signInByPasskey = visitorAction(signInWithPasskeyInput, async (visitor, input) => {
  await setSessionCookie(await signInWithPasskey(visitor, input));
});

export const startPasskey = action(nothingInput, beginPasskey);
export const keepPasskey = action(addPasskeyInput, addPasskey);

/**
 * Of the button in the frame; a form without input, so it works before any script has loaded. Whoever's session has ended
 * meanwhile is signed out already.
 */
export async function signOut(): Promise<void> {
  await visitorOfAction();
  const actor = await currentActor();
  if (actor) await endThisSession(actor);
  await removeSessionCookie();
  redirect("/sign-in?out=1" as Route);
}
