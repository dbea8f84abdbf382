import { afterAll, beforeAll, expect, test } from "vitest";
import { closeDatabase, db, transaction } from "../db/client";
import { migrate } from "../db/migrate";
import { type MortalServer, startMortalServer18 } from "../db/test-clusters";
import { resetEnv } from "../env";
import { dayMs, now, plus } from "../time";
import { system } from "./actor";
import { disablePerson } from "./disable-person";
import { endSession } from "./end-session";
import { revokeApiToken } from "./revoke-api-token";
import { hashOf, newSecret } from "./secret";
import { readSession, sessionIdleMs, startSession } from "./session";
import { verifyToken } from "./verify-token";

// Every cause for which a session or a token is none any more, in every combination; and none of them lives in memory.

const visitor = { ip: "192.0.2.7", userAgent: "test", requestId: null, heldToken: null };
let server: MortalServer;
beforeAll(async () => {
  server = await startMortalServer18();
  await closeDatabase();
  process.env.DATABASE_URL = server.url;
  resetEnv();
  await migrate(server.url);
}, 240_000);
afterAll(async () => {
  await closeDatabase();
  await server.stop();
});

type Held = { userId: string; id: string; token: string };
type Cause = (held: Held) => Promise<unknown>;
const disabled: Cause = ({ userId }) => db().user.update({ where: { id: userId }, data: { disabledAt: now() } });

const ofSessions: Record<string, Cause> = {
  "its person is disabled": disabled,
  "its time is over": ({ id }) => db().session.updateMany({ where: { id }, data: { expiresAt: now() } }),
  "nobody used it": ({ id }) =>
    db().session.updateMany({ where: { id }, data: { lastSeenAt: plus(now(), -sessionIdleMs) } }),
  "it was ended": ({ id }) => db().session.deleteMany({ where: { id } }),
};
const ofTokens: Record<string, Cause> = {
  "its person is disabled": disabled,
  "its time is over": ({ id }) => db().apiToken.update({ where: { id }, data: { expiresAt: now() } }),
  "it was revoked": ({ id }) => db().apiToken.update({ where: { id }, data: { revokedAt: now() } }),
};

/** Each set of these causes, the empty one among them. */
function combinations(causes: Record<string, Cause>): string[][] {
  const names = Object.keys(causes);
  return Array.from({ length: 2 ** names.length }, (_, bits) => names.filter((_, n) => (bits >> n) & 1));
}

test.each(combinations(ofSessions).map((names) => ({ names })))(
  "a session stands only where no cause is there: $names",
  async ({ names }) => {
    const held = await session();
    for (const name of names) await ofSessions[name]?.(held);
    expect((await readSession(held.token)) !== null).toBe(names.length === 0);
  },
);

test.each(combinations(ofTokens).map((names) => ({ names })))(
  "an API token stands only where no cause is there: $names",
  async ({ names }) => {
    const held = await token();
    for (const name of names) await ofTokens[name]?.(held);
    expect((await verifyToken(held.token)) !== null).toBe(names.length === 0);
  },
);

test("what was revoked, and answered for, stays so when the database is killed that very moment", async () => {
  const kept = await session();
  const ended = await session();
  const revoked = await token();
  const left = await session();
  const actor = system("test");
  await endSession(actor, { id: ended.id });
  await revokeApiToken(actor, { id: revoked.id });
  await disablePerson(actor, { userId: left.userId });
  await server.kill();
  await closeDatabase();
  await server.again();
  expect(await readSession(ended.token)).toBeNull();
  expect(await verifyToken(revoked.token)).toBeNull();
  expect(await readSession(left.token)).toBeNull();
  expect(await readSession(kept.token)).not.toBeNull();
});

async function session(): Promise<Held> {
  const { id: userId } = await db().user.create({ data: { name: "Ann" } });
  const { id, token } = await transaction((tx) => startSession(tx, { userId, authenticatedBy: "oidc", visitor }));
  return { userId, id, token };
}

async function token(): Promise<Held> {
  const { id: userId } = await db().user.create({ data: { name: "Ann" } });
  const secret = newSecret("rollcall_");
  const facts = { name: "test", tokenHash: hashOf(secret), hint: "", createdBy: "t", expiresAt: plus(now(), dayMs) };
  const { id } = await db().apiToken.create({ data: { ...facts, userId, scopes: ["all"] } });
  return { userId, id, token: secret };
}
