import { db, rows } from "../db/client";
import { AppError } from "../errors";
import { revokeGrant } from "../grants/end-grant";
import { now, plus, secondMs, setClock } from "../time";
import { cancelRequest } from "./cancel-request";
import { decideRequest } from "./decide-request";
import { extendRequest } from "./extend-request";
import { submitRequest } from "./submit-request";
import type { Fate } from "./test-hands";
import {
  askTarget,
  type EdgeName,
  grantsByRole,
  type ModelWorld,
  type Role,
  type Subject,
  takeJob,
} from "./test-model-world";
import { person, sync } from "./test-world";

// For tests: what may happen, and what is then expected, told without a look at how the product does it.

export type Thing = { role: Role; dropped: boolean; ended: boolean; extraSeconds: number };

/** A request as the model knows it. `needs`: who must still approve, in turn. */
export type Asked = {
  id: string;
  subject: Subject;
  give: "assignment" | "credential";
  seconds: number;
  needs: string[];
  state: "pending" | "approved" | "closed";
  things: Thing[];
  /** Of an extension: the request and thing that are to last longer. */
  extends: { of: Asked; thing: Thing } | null;
};

export type Model = {
  asked: Asked[];
  /** Edges that a hand took away and Rollcall has not given since. */
  handTaken: Set<EdgeName>;
  /** Edges that a hand ever touched. */
  handled: Set<EdgeName>;
  disabled: Set<Subject>;
  /** Who was so at some time since all was last at rest. */
  wereDisabled: Set<Subject>;
  /** What happened how often, over all histories. */
  happened: Map<string, number>;
};

export const newModel = (happened: Model["happened"]): Model => ({
  asked: [],
  handTaken: new Set(),
  handled: new Set(),
  wereDisabled: new Set(),
  disabled: new Set(),
  happened,
});

/** One thing that may happen. */
export type Act =
  | { do: "request"; subject: Subject; roles: Role[]; give: Asked["give"]; hours: number }
  | { do: "decide"; nth: number; who: string; decision: "approve" | "deny" | "ask"; shorten: boolean; drop: boolean }
  | { do: "work"; nth: number; fate: Fate | null }
  | { do: "revoke"; nth: number; who: string }
  | { do: "cancel" | "extend"; nth: number }
  | { do: "wake" | "sync" }
  | { do: "away"; away: boolean }
  | { do: "hand"; subject: Subject; role: Role; give: boolean }
  | { do: "disable"; subject: Subject; disabled: boolean }
  | { do: "wait"; minutes: number };

/** Does it, and tells the model. */
export async function act(one: Act, model: Model, world: ModelWorld): Promise<void> {
  const done = await acts[one.do](one as never, model, world);
  const name = `${one.do}${done === false ? " refused" : ""}`;
  model.happened.set(name, (model.happened.get(name) ?? 0) + 1);
}

type Acts = {
  [Name in Act["do"]]: (one: Extract<Act, { do: Name }>, model: Model, world: ModelWorld) => Promise<unknown>;
};

const thing = (role: Role) => ({ connection: "warehouse", permission: "member", resource: { type: "role", id: role } });
const pick = (model: Model, nth: number, fits: (one: Asked) => boolean): Asked | undefined => {
  const all = model.asked.filter(fits);
  return all[nth % Math.max(all.length, 1)];
};

/** Did it go through? A refusal that may be shown is an answer; anything else is a bug. */
async function goes(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    (error) => {
      if (error instanceof AppError) return false;
      throw error;
    },
  );
}

const acts: Acts = {
  request: async ({ subject, roles, give, hours }, model, world) => {
    let id = "";
    const asking = submitRequest(person(world, subject), {
      items: roles.map(thing),
      reason: "quarter end",
      duration: `PT${hours}H`,
      give,
    });
    if (!(await goes(asking.then((made) => (id = made.id))))) return false;
    if (model.disabled.has(subject)) throw new Error("somebody who is disabled was let ask");
    const things = roles.map((role) => ({ role, dropped: false, ended: false, extraSeconds: 0 }));
    const needs = roles.includes("auditors") ? ["bob", "cara"] : ["bob"];
    model.asked.push({ id, subject, give, seconds: hours * 3600, needs, state: "pending", things, extends: null });
  },

  decide: async ({ nth, who, decision, shorten, drop }, model, world) => {
    const one = pick(model, nth, ({ state }) => state === "pending");
    if (!one) return false;
    const seconds = shorten && decision === "approve" ? Math.max(1800, one.seconds / 2) : one.seconds;
    const first = one.things.find((it) => !it.dropped);
    const dropping = drop && decision === "approve" && one.things.filter((it) => !it.dropped).length > 1;
    const items = dropping ? await db().requestItem.findMany({ where: { requestId: one.id } }) : [];
    const dropped = items.filter((item) => item.resourceName === first?.role).map(({ id }) => id);
    const answer = decideRequest(person(world, who), {
      id: one.id,
      decision,
      comment: "so be it",
      ...(seconds < one.seconds ? { duration: `PT${seconds}S` } : {}),
      ...(dropping ? { drop: dropped } : {}),
    });
    if (!(await goes(answer))) return false;
    if (who !== one.needs[0]) throw new Error(`${who} decided what waits for ${one.needs[0]}`);
    if (decision === "ask") return;
    if (decision === "deny") {
      one.state = "closed";
      return;
    }
    one.seconds = seconds;
    if (dropping && first) first.dropped = true;
    one.needs.shift();
    if (one.needs.length > 0) return;
    one.state = one.extends ? "closed" : "approved";
    if (one.extends) one.extends.thing.extraSeconds += one.seconds;
  },

  work: async ({ nth, fate }, model, world) => {
    const went = await takeJob(world, nth, fate);
    for (const end of [went?.died && "died", went?.asleep && "slept"])
      if (end) model.happened.set(end, (model.happened.get(end) ?? 0) + 1);
    return went !== null;
  },

  revoke: async ({ nth, who }, model, world) => {
    const one = pick(model, nth, ({ state }) => state === "approved");
    if (!one) return false;
    const by = who === "subject" ? one.subject : who;
    const mayNot = by === "adam" || (by !== one.subject && (by === "ann" || by === "eve"));
    const [[role, grant] = []] = await grantsByRole(one.id);
    if (!role || !grant) return false;
    if (!(await goes(revokeGrant(person(world, by), { id: grant.id })))) {
      if (!mayNot) throw new Error(`${by} was not let end a grant`);
      return false;
    }
    if (mayNot) throw new Error(`${by} ended what is not theirs`);
    for (const it of one.things) if (it.role === role) it.ended = true;
  },

  cancel: async ({ nth }, model, world) => {
    const one = pick(model, nth, ({ state }) => state !== "closed");
    if (!one || !(await goes(cancelRequest(person(world, one.subject), { id: one.id })))) return false;
    one.state = "closed";
  },

  extend: async ({ nth }, model, world) => {
    const of = pick(model, nth, ({ state }) => state === "approved");
    const [[role, grant] = []] = of ? await grantsByRole(of.id) : [];
    const it = of?.things.find((one) => one.role === role);
    if (!of || !it || !grant) return false;
    const input = { grantId: grant.id, duration: "PT1H", reason: "not done yet" };
    let id = "";
    const asking = extendRequest(person(world, of.subject), input);
    if (!(await goes(asking.then((made) => (id = made.id))))) return false;
    const needs = it.role === "auditors" ? ["bob", "cara"] : ["bob"];
    const things = [{ ...it, dropped: false }];
    const { subject, give } = of;
    model.asked.push({ id, subject, give, seconds: 3600, needs, state: "pending", things, extends: { of, thing: it } });
  },

  wake: async (_, __, world) => {
    const sleeper = world.sleepers.shift();
    if (!sleeper) return false;
    await sleeper.wake();
  },

  sync: (_, __, world) => sync(world.connectionId).catch(() => undefined),

  away: async ({ away }, _, world) => world.setAway(away),

  hand: async ({ subject, role, give }, model, world) => {
    const edge: EdgeName = `${subject} ${role}`;
    const { ours } = await askTarget(world);
    model.handled.add(edge);
    if (give) return world.target.query(`grant ${role} to ${subject}`);
    if (ours.has(edge)) model.handTaken.add(edge);
    await world.target.query(
      `revoke ${role} from ${subject} granted by rollcall_gives; revoke ${role} from ${subject}`,
    );
  },

  disable: async ({ subject, disabled }, model, world) => {
    const { identityId } = person(world, subject);
    await rows("update identities set status = $2 where id = $1", [identityId, disabled ? "disabled" : "active"]);
    if (disabled) model.wereDisabled.add(subject);
    if (disabled) model.disabled.add(subject);
    else model.disabled.delete(subject);
  },

  wait: async ({ minutes }) => setClock(plus(now(), minutes * 60 * secondMs)),
};
