import { startAuthentication, startRegistration } from "@simplewebauthn/browser";
import type { Refusal } from "@/lib/errors";
import { keepPasskey, signInByPasskey, startPasskey, startPasskeySignIn } from "./actions";

/** Asks the device for a passkey of this site and signs in with it. @returns why not, or null when signed in. */
export async function askPasskey(): Promise<Refusal | null> {
  const begun = await startPasskeySignIn({});
  if (!begun.ok) return begun.refusal;
  const { challengeId, options } = begun.value;
  const answer = await startAuthentication({ optionsJSON: options }).catch(refusalOfDevice);
  if ("message" in answer) return answer;
  const done = await signInByPasskey({ challengeId, answer });
  return done.ok ? null : done.refusal;
}

/** Has the device make a passkey, and keeps it under `name`. @returns why not, or null when it was kept. */
export async function makePasskey(name: string): Promise<Refusal | null> {
  const begun = await startPasskey({});
  if (!begun.ok) return begun.refusal;
  const { challengeId, options } = begun.value;
  const answer = await startRegistration({ optionsJSON: options }).catch(refusalOfDevice);
  if ("message" in answer) return answer;
  const done = await keepPasskey({ challengeId, name, answer });
  return done.ok ? null : done.refusal;
}

// The browser's errors are named (Web Authentication level 3, sections 5.1.3 and 5.1.4); their messages differ.
function refusalOfDevice(error: unknown): Refusal {
  const name = error instanceof Error ? error.name : "";
  const words: Record<string, [string, string]> = {
    NotAllowedError: ["Nothing was chosen on your device.", "Try again, and confirm with your finger, face or PIN."],
    InvalidStateError: [
      "This device already holds a passkey for you here.",
      "Use it to sign in, or take another device.",
    ],
    SecurityError: ["The browser refuses passkeys at this address.", "Open Rollcall at its own address."],
    NotSupportedError: [
      "This browser or device knows no passkeys.",
      "Use another browser, a phone, or a security key.",
    ],
  };
  const [message, remedy] = words[name] ?? ["Your device did not answer.", "Try again, or use another device."];
  return { code: "unauthenticated", message, remedy };
}
