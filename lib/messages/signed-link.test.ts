import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { PersonActor } from "../auth/actor";
import { db } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { resetEnv } from "../env";
import { hourMs, now, plus, setClock } from "../time";
import { openLink, signedLink } from "./signed-link";

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  process.env.NEXTAUTH_SECRET = "a secret of the tests";
  database = await freshDatabase();
});
afterAll(() => database.drop());
afterEach(() => setClock(null));

const ann = actor("01980000-0000-7000-8000-00000000000a", "01980000-0000-7000-8000-0000000000aa");
const bob = actor("01980000-0000-7000-8000-00000000000b", null);
const facts = () => ({
  person: { userId: ann.userId },
  purpose: "request.waiting",
  path: "/requests/1?tab=facts",
  expiresAt: plus(now(), hourMs),
});
const tokenOf = (link: string) => new URL(link).searchParams.get("link") ?? "";

test("a link opens its page for its person, as often as they like", async () => {
  const token = tokenOf(signedLink(facts()));
  expect(await openLink(ann, token)).toEqual({ path: "/requests/1?tab=facts" });
  expect(await openLink(ann, token)).toEqual({ path: "/requests/1?tab=facts" });
});

test("a link for somebody of the inventory opens once they sign in as that person", async () => {
  const token = tokenOf(signedLink({ ...facts(), person: { identityId: ann.identityId ?? "" } }));
  expect(await openLink(ann, token)).toEqual({ path: "/requests/1?tab=facts" });
  await expect(openLink(bob, token)).rejects.toMatchObject({ code: "forbidden" });
});

test("a forwarded link opens nothing for anybody else, and the attempt is on the record", async () => {
  const token = tokenOf(signedLink(facts()));
  await expect(openLink(bob, token)).rejects.toMatchObject({ code: "forbidden" });
  const event = await db().auditEvent.findFirstOrThrow({ where: { action: "link.open" }, orderBy: { id: "desc" } });
  expect(event).toMatchObject({ outcome: "denied", actorId: bob.userId });
});

test("an expired link says so", async () => {
  const token = tokenOf(signedLink(facts()));
  setClock(plus(now(), 2 * hourMs));
  await expect(openLink(ann, token)).rejects.toMatchObject({ code: "conflict" });
});

test("a link that was changed in any one character, cut, or made up is refused", async () => {
  const token = tokenOf(signedLink(facts()));
  const changed = [...token].map(
    (character, i) => token.slice(0, i) + (character === "A" ? "B" : "A") + token.slice(i + 1),
  );
  const forged = [
    ...changed,
    token.slice(0, -1),
    `${token}A`,
    "",
    "~",
    "a~b",
    token.replace("~", "."),
    "x".repeat(5_000),
  ];
  for (const link of forged.filter((it) => it !== token)) {
    await expect(openLink(ann, link), link).rejects.toMatchObject({ code: "invalid" });
  }
});

test("a link of another installation is refused", async () => {
  const token = tokenOf(signedLink(facts()));
  process.env.NEXTAUTH_SECRET = "another secret of the tests";
  resetEnv();
  await expect(openLink(ann, token)).rejects.toMatchObject({ code: "invalid" });
  process.env.NEXTAUTH_SECRET = "a secret of the tests";
  resetEnv();
});

test.each(["//evil.example", "https://evil.example", "javascript:alert(1)", "/\\evil.example", "/api/v1/tokens"])(
  "even a signed link never leads to %s",
  async (path) => {
    expect(await openLink(ann, tokenOf(signedLink({ ...facts(), path })))).toEqual({ path: "/" });
  },
);

function actor(userId: string, identityId: string | null): PersonActor {
  const none = { email: null, sessionId: null, tokenId: null, scopes: null, requestId: null };
  return { type: "person", userId, identityId, name: "A person", roles: [], authenticatedBy: "oidc", ...none };
}
