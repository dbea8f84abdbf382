import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { recordAttempt } from "../audit/record";
import type { PersonActor } from "../auth/actor";
import { safeReturnPath, siteAddress } from "../auth/address";
import { env } from "../env";
import { AppError } from "../errors";
import { now } from "../time";

/** Whose link it is: somebody who signs in here, or a person of the inventory who may not have done so yet. */
export type LinkPerson = { userId: string } | { identityId: string };

export type LinkFacts = {
  person: LinkPerson;
  /** What the link is for: the event of its message. */
  purpose: string;
  /** The page it opens, a path on this site. */
  path: string;
  expiresAt: Date;
};

const linkBody = z.strictObject({
  p: z.string().max(80),
  f: z.string().max(80),
  t: z.string().max(1_000),
  e: z.number().int(),
});

/**
 * A link that opens one page for one person until `expiresAt`. It signs nobody in and decides nothing: whoever opens it
 * signs in as ever, and lands on the page; what they may do there is decided there.
 */
export function signedLink({ person, purpose, path, expiresAt }: LinkFacts): string {
  const body = Buffer.from(
    JSON.stringify({ p: personKey(person), f: purpose, t: path, e: Math.floor(expiresAt.getTime() / 1_000) }),
  ).toString("base64url");
  const url = new URL("/open", siteAddress());
  url.searchParams.set("link", `${body}~${signatureOf(body)}`);
  return url.href;
}

/**
 * The page that a link opens for `actor`.
 * @throws AppError `invalid` (not made here, or changed), `conflict` (too old), `forbidden` (of somebody else)
 */
export async function openLink(actor: PersonActor, link: string): Promise<{ path: string }> {
  const body = readLink(link);
  if (body === null) {
    await recordAttempt(actor, { action: "link.open", outcome: "denied", why: { because: "forged" } });
    throw new AppError("invalid", "This link was not made by Rollcall, or it was changed on its way.", {
      remedy: "Open it from the message itself, or go to the page by the menu.",
    });
  }
  if (body.e * 1_000 <= now().getTime()) {
    throw new AppError("conflict", "This link is too old.", {
      remedy: "What it led to is still found by the menu, if it waits for you.",
    });
  }
  const mine = [`user:${actor.userId}`, ...(actor.identityId ? [`identity:${actor.identityId}`] : [])];
  if (!mine.includes(body.p)) {
    await recordAttempt(actor, {
      action: "link.open",
      outcome: "denied",
      why: { because: "made for somebody else", for: body.p },
      details: { purpose: body.f },
    });
    throw new AppError("forbidden", "This link was made for somebody else.", {
      remedy: "A forwarded message opens nothing. If you should decide this, its owner can name you as a deputy.",
    });
  }
  return { path: safeReturnPath(body.t) };
}

function readLink(link: string): z.infer<typeof linkBody> | null {
  const parts = /^([\w-]{1,3000})~([\w-]{43})$/.exec(link);
  if (!parts) return null;
  const [, body = "", signature = ""] = parts;
  if (!timingSafeEqual(Buffer.from(signatureOf(body)), Buffer.from(signature))) return null;
  return linkBody.parse(JSON.parse(Buffer.from(body, "base64url").toString("utf8")));
}

function signatureOf(body: string): string {
  const secret = env().NEXTAUTH_SECRET;
  if (!secret) {
    throw new AppError("unavailable", "NEXTAUTH_SECRET is not set, so that links cannot be signed", {
      remedy: "Start Rollcall with npm start, which makes one, or set it.",
    });
  }
  // A key of its own (RFC 5869): what is signed with the secret elsewhere is no link.
  const key = Buffer.from(hkdfSync("sha256", secret, "", "rollcall signed link 1", 32));
  return createHmac("sha256", key).update(body).digest("base64url");
}

function personKey(person: LinkPerson): string {
  return "userId" in person ? `user:${person.userId}` : `identity:${person.identityId}`;
}
