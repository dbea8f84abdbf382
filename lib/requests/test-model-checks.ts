import { expect } from "vitest";
import { rows } from "../db/client";
import { type GrantState, grantStates, nextGrantState } from "../grants/states";
import { now, plus, secondMs } from "../time";
import type { Asked, Model } from "./test-model";
import { askTarget, type EdgeName, type ModelWorld } from "./test-model-world";

// For tests: what must hold at every quiet moment.

type GrantRow = {
  id: string;
  requestId: string;
  role: string;
  give: string;
  state: GrantState;
  because: string | null;
  activatedAt: Date | null;
  endsAt: Date | null;
  issuedName: string | null;
  drift: string | null;
  moves: GrantState[];
  events: string[];
  receipt: string[];
  justified: boolean;
};

const grantsSql = `select g.id, g.request_id as "requestId", g.resource_name as role, g.give, g.state, g.ended_because as because,
    g.activated_at as "activatedAt", g.ends_at as "endsAt", g.issued_name as "issuedName", g.drift,
    array(select l.state from state_log l where l.id = g.id order by l.n) as moves,
    array(select e.action from audit_events e where e.target_id = g.id::text order by e.id) as events,
    array(select s.step from grant_steps s where s.grant_id = g.id order by s.id) as receipt,
    exists (select 1 from justifications j where j.grant_id = g.id and j.ended_at is null) as justified
  from grants g order by g.id`;

/** Compares the target, the database and the record with what the model expects. */
export async function check(model: Model, world: ModelWorld): Promise<void> {
  const [target, grants] = [await askTarget(world), await rows<GrantRow>(grantsSql)];
  const live = { edges: new Set<EdgeName>(), issued: new Map<string, string[]>() };
  for (const one of model.asked) follow(one, model, grants, live);
  for (const grant of grants) checkGrant(grant);
  expect(Object.fromEntries(target.issued), "short-lived accounts").toEqual(Object.fromEntries(live.issued));
  for (const edge of target.ours) expect([...live.edges], `${edge} is held and nobody can say why`).toContain(edge);
  for (const edge of live.edges) {
    if (target.ours.has(edge)) model.handTaken.delete(edge);
    else expect([...model.handTaken], `${edge} should be held`).toContain(edge);
  }
  await checkInventory(model, new Set([...target.ours, ...target.others]));
  await checkDatabase(grants);
}

/** Tells the model what time and leaving did, and notes what is to be live. */
function follow(
  one: Asked,
  model: Model,
  grants: GrantRow[],
  live: { edges: Set<EdgeName>; issued: Map<string, string[]> },
): void {
  const left = model.disabled.has(one.subject);
  if (left || one.state === "closed") {
    for (const thing of one.things) if (!one.extends) thing.ended = true;
    one.state = "closed";
  }
  if (one.extends || one.state === "pending") return;
  for (const thing of one.things) {
    const grant = grants.find(({ requestId, role }) => requestId === one.id && role === thing.role);
    if (!grant && (thing.dropped || one.state === "closed")) continue;
    if (!grant) throw new Error(`${thing.role} of an approved request was not ordered`);
    if (thing.dropped) throw new Error(`${thing.role} was dropped and ordered`);
    // Whoever was disabled for a while may have been looked at just then.
    if (grant.because === "subject_left" && model.wereDisabled.has(one.subject)) thing.ended = true;
    const longest = (one.seconds + thing.extraSeconds) * secondMs;
    if (grant.activatedAt && grant.endsAt) {
      const last = plus(grant.activatedAt, longest);
      if (one.give === "assignment") expect(grant.endsAt, "the end of a grant").toEqual(last);
      expect(grant.endsAt.getTime(), "the end of a grant").toBeLessThanOrEqual(last.getTime());
      if (grant.endsAt <= now()) thing.ended = true;
    }
    expect([grant.id, grant.state === "active"]).toEqual([grant.id, !thing.ended]);
    if (thing.ended) continue;
    if (one.give === "assignment") live.edges.add(`${one.subject} ${thing.role}`);
    else live.issued.set(grant.issuedName ?? "", [thing.role]);
  }
}

const movedBy: Record<string, GrantState> = {
  "grant.ordered": "scheduled",
  "grant.began": "activating",
  "grant.activated": "active",
  "grant.activation_failed": "activation_failed",
  "grant.end_ordered": "ending",
  "grant.ending_failed": "ending_failed",
  "grant.ended": "ended",
  "grant.came_back": "resurrected",
};

function checkGrant(grant: GrantRow): void {
  const { moves, events, receipt, state } = grant;
  // A state that failed once more is no change.
  const changes = moves.filter((to, n) => to !== moves[n - 1]);
  expect(
    events.flatMap((action) => movedBy[action] ?? []),
    "one event for each change of state",
  ).toEqual(changes);
  for (const [n, to] of changes.entries()) {
    const from = changes[n - 1];
    const steps = ["begin", "succeed", "fail", "end", "prove", "return"] as const;
    if (from)
      expect(
        steps.map((step) => nextGrantState(from, step)),
        `from ${from}`,
      ).toContain(to);
  }
  expect(
    grantStates.filter((one) => /ing$|failed$/.test(one)),
    "at rest",
  ).not.toContain(state);
  expect(moves.filter((to) => to === "active").length, "provisioned once").toBeLessThanOrEqual(1);
  expect(receipt.filter((step) => step === "done").length).toBe(grant.activatedAt ? 1 : 0);
  expect(grant.justified, "justified while active").toBe(state === "active");
  if (state === "ended") {
    const ends = moves.filter((to) => to === "ended").length;
    expect(
      receipt.filter((step) => step === "proven"),
      "proofs",
    ).toHaveLength(ends);
    if (grant.activatedAt) expect(receipt).toContain("end_ordered");
    if (grant.activatedAt && !receipt.includes("kept") && !receipt.includes("left_standing"))
      expect(receipt.join(" ")).toMatch(/taken.*read_back.*proven/);
  }
  if (grant.activatedAt)
    expect(receipt.slice(0, 2).join(" "), "the receipt").toMatch(/^ordered (done|failed|found_standing|end)/);
}

// What Rollcall does it notes at once; what a hand did is seen by the next sync, and not asked of here.
async function checkInventory(model: Model, held: Set<string>): Promise<void> {
  const noted = await rows<{ edge: EdgeName }>(
    `select p.name || ' ' || g.name as edge from memberships m join principals p on p.id = m.member_id
     join principals g on g.id = m.group_id where m.removed_at is null and p.name in ('ann', 'eve') and g.name in ('analysts', 'auditors')`,
  );
  const names = new Set<string>(noted.map(({ edge }) => edge));
  for (const edge of [...held, ...names].filter((one) => !model.handled.has(one as EdgeName)))
    expect([edge, names.has(edge)], "the inventory").toEqual([edge, held.has(edge)]);
}

async function checkDatabase(grants: GrantRow[]): Promise<void> {
  const [row] = await rows<{ own: number; alike: number; claims: number; twice: number }>(
    `select (select count(*)::int from decisions d join requests r on r.id = d.request_id
        where d.identity_id in (r.requester_id, r.subject_id)) as own,
      (select count(*)::int from managed_accesses m where (m.state = 'held') <> exists (select 1 from justifications j
        where j.account_id = m.account_id and j.group_id = m.group_id and j.ended_at is null)) as alike,
      (select count(*)::int from managed_accesses where claim is not null) + (select count(*)::int from grants where claim is not null) as claims,
      (select count(*)::int from (select request_item_id from grants group by 1 having count(*) > 1) x) as twice`,
  );
  expect(row, JSON.stringify(grants.map(({ state }) => state))).toEqual({ own: 0, alike: 0, claims: 0, twice: 0 });
}
