import { describe, expect, it } from "vitest";
import { ConnectorError } from "./connector-error";
import type { Connector, Context } from "./contract";
import type { AccessRef, AccountRef, HeldAccess, IssueOrder, Outcome, ReadBack } from "./provisioning";
import { expectTakenTogether } from "./provisioning-contract-together";

type Call = Context<unknown, unknown>;

/** What the shared tests need of one connector: a real system that they may change. */
export type ProvisioningSubject = {
  connector: Connector;
  /** A call on the system, with `settings` that may provision. */
  call: (signal?: AbortSignal) => Call;
  /** Settings of a connection that was given nothing to change the system with. */
  readOnly: unknown;
  /** Accounts that are there, with an access that each does not hold yet. Each is given and taken back. */
  held: readonly HeldAccess[];
  /** The same with names that somebody will try, as far as the system itself allows such names. */
  hostile: readonly HeldAccess[];
  /** What is not there: an account, a group, a resource. Giving it is impossible, taking it is done already. */
  absent: Record<string, HeldAccess>;
  /** What can never be given, whatever the system holds. */
  refused: Record<string, AccessRef>;
  /** A call that fails, and whether the same call may work later. */
  failures: Record<string, { call: (signal?: AbortSignal) => Call; retryable: boolean }>;
  /** Secret values in use; none may appear in any message or outcome. */
  secrets: readonly string[];
  /** Opens a session of this account as the account itself; resolves to what tells when it was cut. */
  open?: (account: AccountRef) => Promise<{ cut: Promise<unknown> }>;
  /** An account that may be disabled for good, and deleted. */
  leaver?: AccountRef;
  /** An account that cannot be deleted, because something hangs on it. */
  owner?: AccountRef;
  /** The accounts by which the connection itself signs in. */
  own?: readonly AccountRef[];
  /** An order for a short-lived account, and a sign-in with its secret that throws where it is refused. */
  issued?: { order: IssueOrder; signIn: (account: AccountRef, secret: string) => Promise<void> };
};

/** The promises that every connector keeps that changes a system; call it inside a connector's own test file. */
export function testProvisioning(name: string, subject: () => ProvisioningSubject): void {
  const verbs = () => verbsOf(subject());

  describe(`${name} keeps the provisioning contract`, () => {
    it("says in words what a connection that only reads is missing", () => {
      const { connector, call, readOnly } = subject();
      expect(connector.mayProvision?.(call().settings)).toBe(true);
      expectWords(connector.mayProvision?.(readOnly));
    });

    it("says in words what can never be given, and gives none of it", async () => {
      const { connector, refused, held } = subject();
      for (const one of held) expect(connector.canGive?.(one.access)).toBe(true);
      for (const access of Object.values(refused)) {
        expectWords(connector.canGive?.(access));
        const account = held[0]?.account ?? { externalId: "nobody", name: "nobody" };
        expect(await verbs().grant({ account, access })).toMatchObject({ outcome: "impossible" });
      }
    });

    it("gives, reads back, takes and reads back, each of them twice", async () => {
      await inLanes(subject().held, (one) => expectRoundTrip(verbs(), one));
    });

    it("does the same with names that somebody will try", async () => {
      await inLanes(subject().hostile, (one) => expectRoundTrip(verbs(), one));
    });

    it("comes to one end when several give or take the same at once", async () => {
      const [one] = subject().held;
      if (!one) throw new Error("nothing to give");
      const given = await Promise.all(Array.from({ length: 4 }, () => verbs().grant(one)));
      expect(given.map(({ outcome }) => outcome).filter((outcome) => outcome === "impossible")).toEqual([]);
      expect(await verbs().readBack(one)).toMatchObject({ held: true, ours: true });
      const taken = await Promise.all(Array.from({ length: 4 }, () => verbs().revoke(one)));
      expect(taken.map(({ outcome }) => outcome).filter((outcome) => outcome === "impossible")).toEqual([]);
      expect(await verbs().readBack(one)).toMatchObject({ held: false });
    });

    it("takes several of one account together, each for itself", async () => {
      await expectTakenTogether(subject());
    });

    it("cannot give what is not there, and has nothing to take from it", async () => {
      for (const one of Object.values(subject().absent)) {
        expectWords(await verbs().grant(one));
        expect(await verbs().revoke(one)).toMatchObject({ outcome: "already" });
        expect(await verbs().readBack(one)).toMatchObject({ held: false, ours: false });
      }
    });

    it("throws what may work later apart from what will not, and betrays no secret", async () => {
      const [one] = subject().held;
      if (!one) throw new Error("nothing to give");
      for (const [title, { call, retryable }] of Object.entries(subject().failures)) {
        for (const [verb, work] of Object.entries(verbsOf({ ...subject(), call }))) {
          const error = await work(one).then(
            () => null,
            (thrown: unknown) => thrown,
          );
          expect({ title, verb, error }).toEqual({ title, verb, error: expect.any(ConnectorError) });
          expect({ title, verb, retryable: (error as ConnectorError).retryable }).toEqual({ title, verb, retryable });
          expectNoSecret(subject(), error);
        }
      }
    });

    it("stops when it is told to", async () => {
      const [one] = subject().held;
      const told = AbortSignal.abort(new Error("told to stop"));
      const stopped = verbsOf({ ...subject(), call: () => subject().call(told) });
      for (const work of Object.values(stopped)) {
        await expect(one && work(one)).rejects.toThrow();
      }
    });

    it("ends the sessions of an account, and has nothing to end the second time", async () => {
      const { connector, open, call, held } = subject();
      const account = held[0]?.account;
      if (!open || !account) return;
      const { cut } = await open(account);
      expect(await connector.endSessions?.(call(), account)).toMatchObject({ ended: 1, left: 0 });
      await cut;
      expect(await connector.endSessions?.(call(), account)).toMatchObject({ ended: 0, left: 0 });
    });

    it("keeps a disabled account out", async () => {
      const { connector, open, call, leaver } = subject();
      if (!open || !leaver) return;
      const { cut } = await open(leaver);
      expect(await connector.disable?.(call(), leaver)).toMatchObject({ outcome: "done" });
      await cut;
      await expect(open(leaver)).rejects.toThrow();
      expect(await connector.disable?.(call(), leaver)).toMatchObject({ outcome: "already" });
    });

    it("says how an account stands, lets it in again, and deletes it only once it is shut", async () => {
      const { connector, open, call, leaver } = subject();
      const { disable, enable, remove, probe } = connector;
      if (!leaver || !disable || !enable || !remove || !probe) return;
      await disable(call(), leaver);
      const shut = await probe(call(), leaver);
      expect(shut).toMatchObject({ there: true, open: false, signIn: "refused", detail: expect.stringMatching(/\S/) });
      expect([0, null]).toContain(shut.sessions);
      expect(await enable(call(), leaver)).toMatchObject({ outcome: "done" });
      expect(await enable(call(), leaver)).toMatchObject({ outcome: "already" });
      expect(await probe(call(), leaver)).toMatchObject({ there: true, open: true });
      const reopened = open ? await open(leaver) : null;
      expectWords(await remove(call(), leaver));
      expect(await probe(call(), leaver)).toMatchObject({ there: true });
      expect(await disable(call(), leaver)).toMatchObject({ outcome: "done" });
      await reopened?.cut;
      expect(await remove(call(), leaver)).toMatchObject({ outcome: "done" });
      expect(await remove(call(), leaver)).toMatchObject({ outcome: "already" });
      expect(await probe(call(), leaver)).toMatchObject({ there: false, open: false });
      if (open) await expect(open(leaver)).rejects.toThrow();
    });

    it("names what keeps an account from being deleted, and never shuts its own", async () => {
      const { connector, call, owner, own } = subject();
      const { disable, remove, probe, isOwn } = connector;
      if (owner && disable && remove && probe) {
        await disable(call(), owner);
        expectWords(await remove(call(), owner));
        expect(await probe(call(), owner)).toMatchObject({ there: true, open: false });
      }
      for (const one of own ?? []) {
        expect(isOwn?.(call().settings, one)).toBe(true);
        expectWords(await disable?.(call(), one));
      }
      if (own && owner) expect(isOwn?.(call().settings, owner)).toBe(false);
    });

    it("issues an account that nobody can use before its secret, and that is gone after", async () => {
      const { issued } = subject();
      if (issued) await expectIssued(subject(), issued);
    });
  });
}

type Verbs = {
  grant: (held: HeldAccess) => Promise<Outcome>;
  readBack: (held: HeldAccess) => Promise<ReadBack>;
  revoke: (held: HeldAccess) => Promise<Outcome>;
};

function verbsOf({ connector, call }: Pick<ProvisioningSubject, "connector" | "call">): Verbs {
  const { grant, readBack, revoke } = connector;
  if (!grant || !readBack || !revoke) throw new Error(`${connector.name} does not give, take and read back`);
  return {
    grant: (held) => grant(call(), { ...held, until: null }),
    readBack: (held) => readBack(call(), held),
    revoke: (held) => revoke(call(), held),
  };
}

// Several at a time, as workers do it: one access must not disturb another.
async function inLanes(all: readonly HeldAccess[], work: (held: HeldAccess) => Promise<void>): Promise<void> {
  const waiting = [...all];
  const lane = async () => {
    for (let one = waiting.shift(); one; one = waiting.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: 4 }, lane));
}

async function expectRoundTrip({ grant, readBack, revoke }: Verbs, held: HeldAccess): Promise<void> {
  const of = { of: held };
  expect({ ...of, ...(await readBack(held)) }).toMatchObject({ ...of, held: false });
  expect({ ...of, ...(await grant(held)) }).toMatchObject({ ...of, outcome: "done" });
  expect({ ...of, ...(await grant(held)) }).toMatchObject({ ...of, outcome: "already" });
  expect({ ...of, ...(await readBack(held)) }).toMatchObject({ ...of, held: true, ours: true, alsoBy: [] });
  expect({ ...of, ...(await revoke(held)) }).toMatchObject({ ...of, outcome: "done" });
  expect({ ...of, ...(await revoke(held)) }).toMatchObject({ ...of, outcome: "already" });
  expect({ ...of, ...(await readBack(held)) }).toMatchObject({ ...of, held: false, ours: false });
}

async function expectIssued(
  subject: ProvisioningSubject,
  { order, signIn }: NonNullable<ProvisioningSubject["issued"]>,
): Promise<void> {
  const { connector, call } = subject;
  const { issue, deliver, withdraw, readBackIssued } = connector;
  if (!issue || !deliver || !withdraw || !readBackIssued) throw new Error(`${connector.name} issues no accounts`);
  const { account } = await issue(call(), order);
  expect((await issue(call(), order)).account).toEqual(account);
  await expect(signIn(account, "")).rejects.toThrow();
  const first = await deliver(call(), { account, until: order.until });
  await signIn(account, first.secret);
  const second = await deliver(call(), { account, until: order.until });
  await expect(signIn(account, first.secret)).rejects.toThrow();
  await signIn(account, second.secret);
  expect(`${second.command} ${JSON.stringify(second.facts)}`).not.toContain(second.secret);
  expect(await readBackIssued(call(), account)).toMatchObject({ standing: true });
  expect(await withdraw(call(), account)).toMatchObject({ outcome: "done" });
  await expect(signIn(account, second.secret)).rejects.toThrow();
  expect(await withdraw(call(), account)).toMatchObject({ outcome: "already" });
  expect(await readBackIssued(call(), account)).toMatchObject({ standing: false });
}

function expectWords(answer: unknown): void {
  expect(answer).toMatchObject({ because: expect.stringMatching(/\S/), remedy: expect.stringMatching(/\S/) });
}

function expectNoSecret({ secrets }: ProvisioningSubject, error: unknown): void {
  const told: string[] = [JSON.stringify(error)];
  for (let at: unknown = error; at instanceof Error; at = at.cause) told.push(at.message, at.stack ?? "");
  for (const secret of secrets) expect(told.join("\n").includes(secret) ? "a message holds a secret" : null).toBeNull();
}
