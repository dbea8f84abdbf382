import type { Actor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import type { Connector } from "../connectors/contract";
import { connectorNamed } from "../connectors/registry";
import { rows } from "../db/client";
import { now } from "../time";
import { decide, decideMembership, grantedByPattern, unanswered } from "./decide-access";
import { type GroupGraph, graphOf } from "./find-paths";
import { withKnownNames } from "./other-names";
import { identityOf, ownIdentitiesSql } from "./own-identities";
import {
  type AskedConnection,
  type AskedPair,
  type Evidence,
  type FoundResource,
  type FoundSubject,
  readEvidence,
  readMemberships,
} from "./read-evidence";
import { existsOn } from "./read-sources";
import { type EvaluateAccessAnswer, type Evaluation, type EvaluationAnswer, evaluateAccessInput } from "./schema";

/**
 * May X do Y on Z? Answers up to 1,000 questions as the connected systems themselves would, from the inventory, in the
 * order they were asked. A question that cannot be answered as it was put says why in its own answer.
 * @throws AppError `forbidden`
 */
export async function evaluateAccess(
  actor: Actor,
  input: { evaluations: readonly Evaluation[] },
): Promise<EvaluateAccessAnswer> {
  const { evaluations } = evaluateAccessInput.parse(input);
  const reach = await authorizeReach(actor, "access:read");
  const own = reach === "all" ? null : { identity: identityOf(actor) };
  const byConnection = new Map<string, number[]>();
  for (const [index, { context }] of evaluations.entries()) {
    byConnection.set(context.connection, [...(byConnection.get(context.connection) ?? []), index]);
  }
  const answers = new Map<number, EvaluationAnswer>();
  await Promise.all(
    [...byConnection].map(async ([word, indices]) => {
      const asked = indices.map((index) => evaluations[index]).filter((it) => it !== undefined);
      const answered = await evaluateIn(word, asked, own);
      for (const [n, index] of indices.entries())
        answers.set(index, answered[n] ?? unanswered("not_found", "Not asked."));
    }),
  );
  return { evaluations: evaluations.map((_, index) => answers.get(index) ?? unanswered("not_found", "Not asked.")) };
}

// A connection's id and connector never change, but its name may, or it may go: what is kept here is held against the
// database with each question.
const knownConnections = new Map<string, AskedConnection>();

type Own = { identity: string | null } | null;

async function evaluateIn(word: string, asked: Evaluation[], own: Own): Promise<EvaluationAnswer[]> {
  for (let attempt = 1; ; attempt++) {
    const connection = knownConnections.get(word) ?? (await findConnection(word));
    if (!connection) return asked.map(() => unanswered("not_found", `There is no connection ${word}.`));
    knownConnections.set(word, connection);
    const { plan, evidence } = await findEvidence(asked, connection);
    if (evidence.connectionStands || attempt > 1) return answersOf(asked, plan, { connection, evidence, own });
    knownConnections.delete(word);
  }
}

async function findEvidence(asked: Evaluation[], connection: AskedConnection) {
  const plan = planOf(asked, connection, await accountsOfIdentities(asked, connection));
  const evidence = await readEvidence(connection, plan, now());
  const found = new Set(evidence.subjects.map(({ n }) => n));
  const unknown = plan.subjects.filter((_, n) => !found.has(n));
  const known = await withKnownNames(asked, unknown, connection);
  if (known === null) return { plan, evidence };
  const again = planOf(known, connection, await accountsOfIdentities(known, connection));
  return { plan: again, evidence: await readEvidence(connection, again, now()) };
}

async function findConnection(word: string): Promise<AskedConnection | null> {
  const [found] = await rows<AskedConnection>(
    `select id, name, connector from connections where removed_at is null and $1 in (name, id::text)
     order by name = $1 desc limit 1`,
    [word],
  );
  return found ?? null;
}

/** The external ids of the accounts of each identity that is asked about. */
async function accountsOfIdentities(asked: Evaluation[], connection: AskedConnection): Promise<Map<string, string[]>> {
  const words = [...new Set(asked.filter((it) => it.subject.type === "identity").map((it) => it.subject.id))];
  if (words.length === 0) return new Map();
  const found = await rows<{ word: string; accounts: string[] }>(
    `select w.word, array_agg(p.external_id order by p.id) as accounts
     from unnest($1::text[]) as w (word)
     join identities i on i.removed_at is null and (i.id::text = w.word or lower(i.email) = lower(w.word)
       or (lower(i.name) = lower(w.word) and i.name = w.word))
     join principals p on p.identity_id = i.id and p.connection_id = $2 and p.removed_at is null
     group by w.word having count(distinct i.id) = 1`,
    [words, connection.id],
  );
  return new Map(found.map((row) => [row.word, row.accounts]));
}

type PlannedQuestion = { evaluation: Evaluation; subjects: number[]; resources: number[]; group: number | null };
type Plan = {
  subjects: string[];
  resources: { type: string; id: string }[];
  pairs: AskedPair[];
  questions: PlannedQuestion[];
};

// Words that many questions share are looked up once.
function planOf(asked: Evaluation[], connection: AskedConnection, identities: Map<string, string[]>): Plan {
  const connector = connectorNamed(connection.connector);
  const subjects = new Map<string, number>();
  const resources = new Map<string, { n: number; type: string; id: string }>();
  const numberOf = (word: string) => subjects.get(word) ?? subjects.set(word, subjects.size).size - 1;
  const resourceNumber = (it: { type: string; id: string }) => {
    const key = JSON.stringify([it.type, it.id]);
    const known = resources.get(key) ?? { ...it, n: resources.size };
    resources.set(key, known);
    return known.n;
  };
  const questions = asked.map((evaluation): PlannedQuestion => {
    const { subject, action, resource } = evaluation;
    const words = subject.type === "identity" ? (identities.get(subject.id) ?? []) : [subject.id, ...groupsOf(subject)];
    const encloses = existsOn(connection.connector, resource.type, action.name);
    const around = encloses ? (connector?.enclosing?.(resource) ?? []) : [];
    return {
      evaluation,
      subjects: words.map(numberOf),
      resources: [resource, ...around].map(resourceNumber),
      group: action.name === "member" ? numberOf(resource.id) : null,
    };
  });
  const pairs = questions.flatMap(({ evaluation, subjects, resources }) =>
    subjects.flatMap((subject) =>
      resources.map((resource, n) => ({ subject, resource, permission: evaluation.action.name, own: n === 0 })),
    ),
  );
  return { subjects: [...subjects.keys()], resources: [...resources.values()], pairs, questions };
}

/** Groups that come with the subject's token rather than from the inventory. */
function groupsOf(subject: Evaluation["subject"]): string[] {
  const groups = subject.properties?.groups;
  return Array.isArray(groups) ? groups.filter((it) => typeof it === "string") : [];
}

type Known = { connection: AskedConnection; evidence: Evidence; own: Own };

async function answersOf(asked: Evaluation[], plan: Plan, known: Known): Promise<EvaluationAnswer[]> {
  const { evidence, own, connection } = known;
  const subjects = grouped(evidence.subjects);
  const resources = grouped(evidence.resources);
  const mine = own === null ? null : await ownAmong(evidence.subjects, own.identity);
  const connector = connectorNamed(connection.connector);
  const members = await membershipsFor(plan, subjects);
  const graph = graphOf(evidence.edges);
  return asked.map((_, index) => {
    const question = plan.questions[index];
    if (!question) return unanswered("not_found", "Not asked.");
    return answerOf(question, { connection, connector, subjects, resources, mine, members, graph, evidence });
  });
}

type Answering = {
  connection: AskedConnection;
  connector: Connector | null;
  subjects: Map<number, FoundSubject[]>;
  resources: Map<number, FoundResource[]>;
  mine: Set<string> | null;
  members: { graph: GroupGraph; names: ReadonlyMap<string, string> } | null;
  graph: GroupGraph;
  evidence: Evidence;
};

function answerOf({ evaluation, ...question }: PlannedQuestion, known: Answering): EvaluationAnswer {
  const { subject, action, resource } = evaluation;
  const place = known.connection.name;
  const who = question.subjects.map((n) => known.subjects.get(n) ?? []);
  const found = who.flat();
  if (known.mine !== null && (found.length === 0 || found.some((it) => !known.mine?.has(it.id))))
    return unanswered("forbidden", "You may only ask about identities that are yours.");
  if (who.some((candidates) => candidates.length > 1))
    return unanswered("ambiguous", `Several accounts of ${place} are called ${subject.id}: give the external id.`);
  if (found.length === 0)
    return unanswered("not_found", `${place} has no ${subject.type} ${subject.id}, as far as the inventory knows.`);
  const [own = [], ...around] = question.resources.map((n) => known.resources.get(n) ?? []);
  // Whoever gives the id of a resource gives that of what encloses it, not a name that another may bear too.
  const byId = own.some((it) => it.exact);
  const what = [own, ...around.map((found) => (byId ? found.filter((it) => it.exact) : found))];
  if (what.some((candidates) => candidates.length > 1))
    return unanswered("ambiguous", `Several things of ${place} are called ${resource.id}: give the external id.`);
  const things = what.flat();
  const facts = { subjects: found, action: action.name, resource: `${resource.type} ${resource.id}` };
  if (question.group !== null && known.members) {
    const [group, ...others] = known.subjects.get(question.group) ?? [];
    if (others.length > 0)
      return unanswered("ambiguous", `Several groups of ${place} are called ${resource.id}: give the external id.`);
    if (group) return decideMembership({ ...facts, ...known.members }, group);
  }
  const holdings = [
    ...known.evidence.holdings.filter(
      (it) => it.permission === action.name && things.some((thing) => thing.id === it.resource),
    ),
    ...grantedByPattern(known.connector, known.evidence.patterns, {
      action: action.name,
      type: resource.type,
      id: resource.id,
      resource: what[0]?.[0] ?? null,
      attributes: { ...(what[0]?.[0] ? {} : things[0]?.attributes), ...resource.properties },
    }),
  ].filter((it) => found.some((subject) => subject.id === it.account));
  if (holdings.length === 0 && things.length === 0)
    return unanswered("not_found", `${place} has no ${resource.type} ${resource.id}, as far as the inventory knows.`);
  // What stands on the resource itself may also be given by its own pattern.
  const once = [...new Map(holdings.map((it) => [`${it.account} ${it.assignment}`, it])).values()];
  return decide({ ...facts, holdings: once, graph: known.graph, names: known.evidence.names });
}

// An external id goes before a name.
function grouped<Found extends { n: number; exact: boolean }>(found: Found[]): Map<number, Found[]> {
  const by = new Map<number, Found[]>();
  for (const it of found) by.set(it.n, [...(by.get(it.n) ?? []), it]);
  for (const [n, several] of by)
    if (several.some((it) => it.exact))
      by.set(
        n,
        several.filter((it) => it.exact),
      );
  return by;
}

async function ownAmong(subjects: FoundSubject[], identity: string | null): Promise<Set<string>> {
  if (identity === null) return new Set();
  const found = await rows<{ id: string }>(
    `select p.id from principals p where p.id = any($2::uuid[]) and p.identity_id in (${ownIdentitiesSql("$1")})`,
    [identity, subjects.map((it) => it.id)],
  );
  return new Set(found.map((row) => row.id));
}

async function membershipsFor(plan: Plan, subjects: Map<number, FoundSubject[]>): Promise<Answering["members"]> {
  const asking = plan.questions.filter((question) => question.group !== null);
  if (asking.length === 0) return null;
  const ids = asking.flatMap((question) => question.subjects.flatMap((n) => subjects.get(n) ?? [])).map((it) => it.id);
  const { edges, names } = await readMemberships([...new Set(ids)]);
  return { graph: graphOf(edges), names };
}
