import { expect } from "vitest";
import type { Connector, Context } from "./contract";
import type { HeldAccess } from "./provisioning";

type Subject = {
  connector: Connector;
  call: () => Context<unknown, unknown>;
  held: readonly HeldAccess[];
  absent: Record<string, HeldAccess>;
};

/** What `revokeAll` promises, where a connector has it: as if each were taken alone. */
export async function expectTakenTogether({ connector, call, held, absent }: Subject): Promise<void> {
  const { revokeAll, grant, readBack } = connector;
  const account = held[0]?.account;
  if (!revokeAll || !grant || !readBack || !account) return;
  const own = held.filter((one) => one.account.externalId === account.externalId);
  for (const one of own) expect(await grant(call(), { ...one, until: null })).toMatchObject({ outcome: "done" });
  const missing = Object.values(absent).flatMap(({ account: { externalId }, access }) =>
    externalId === account.externalId ? [access] : [],
  );
  const accesses = [...missing, ...own.map(({ access }) => access)];
  const take = async () => (await revokeAll(call(), { account, accesses, endingSessions: true })).each;
  const gone = { readBack: { held: false, ours: false } };
  const already = { ...gone, taken: { outcome: "already" } };
  const first = await take();
  expect(first.slice(0, missing.length)).toMatchObject(missing.map(() => already));
  expect(first.slice(missing.length)).toMatchObject(own.map(() => ({ ...gone, taken: { outcome: "done" } })));
  expect(await take()).toMatchObject(accesses.map(() => already));
  for (const one of own) expect(await readBack(call(), one)).toMatchObject({ held: false });
}
