import type { Connector } from "../connectors/contract";
import { becomes, findPaths, type GroupGraph, type GroupPath, graphOf, isPlain } from "./find-paths";
import type { FoundResource, FoundSubject, Holding } from "./read-evidence";
import type { AccessPath, EvaluationAnswer } from "./schema";

/** What a decision is made from, for one question. */
export type Facts = {
  subjects: readonly FoundSubject[];
  action: string;
  /** How the resource is called in the reason. */
  resource: string;
  /** What the subjects hold that gives the action on the resource. */
  holdings: readonly Holding[];
  graph: GroupGraph;
  names: ReadonlyMap<string, string>;
};

// Enough to see why; the lists show all.
const mostPaths = 10;

/** May the subjects do it? True only where some way is unconditional. Pure. */
export function decide(facts: Facts): EvaluationAnswer {
  const ways = waysOf(facts);
  const who = facts.subjects.map((subject) => subject.name).join(" and ");
  const what = `${facts.action} on ${facts.resource}`;
  if (ways.length === 0) return answer(false, `Nothing that ${who} holds gives ${what}.`);
  const free = ways.filter((way) => way.condition === null);
  const paths = [...free, ...ways.filter((way) => way.condition !== null)].slice(0, mostPaths).map((way) => way.path);
  if (free.length > 0) return answer(true, `${sentence(paths[0] ?? [])}, which gives ${what}.`, { paths });
  const conditions = [...new Set(ways.map((way) => way.condition ?? ""))];
  const reason = `${who} has ${what} only under a condition: ${conditions[0]}${conditions.length > 1 ? ", and others" : ""}.`;
  return answer(false, reason, { conditional: true, conditions, paths });
}

/** Is the subject a member of the group, at any depth, by memberships of whatever kind? Pure. */
export function decideMembership(facts: Omit<Facts, "holdings">, group: FoundSubject): EvaluationAnswer {
  const edges = [...facts.graph.out.values()].flat();
  const kind = new Map(edges.map((edge) => [`${edge.member} ${edge.group}`, edge]));
  const graph = graphOf(edges.map((edge) => ({ ...edge, inherits: true })));
  const paths = facts.subjects
    .filter((subject) => subject.id !== group.id)
    .flatMap((subject) =>
      findPaths({ graph, from: subject.id, to: group.id, atMost: mostPaths }).paths.map((path) => {
        const from = [subject.id, ...path.map((step) => step.group)];
        const real = path.map((step, index) => ({
          ...step,
          how: kind.get(`${from[index]} ${step.group}`)?.inherits ? ("inherits" as const) : ("switches" as const),
        }));
        return stepsOf(subject, real, facts.names);
      }),
    );
  const who = facts.subjects.map((subject) => subject.name).join(" and ");
  if (paths.length === 0) return answer(false, `${who} is not in ${group.name}, at any depth.`);
  const direct = Math.min(...paths.map((path) => path.length)) === 2;
  const reason = direct ? `${who} is a member of ${group.name}.` : `${who} is in ${group.name} through other groups.`;
  return answer(true, reason, { paths: paths.sort((a, b) => a.length - b.length).slice(0, mostPaths) });
}

/** Which holdings of patterns give the action on the resource, as the connector's evaluator has it. Pure. */
export function grantedByPattern<Held extends Holding & { pattern: Record<string, unknown> }>(
  connector: Connector | null,
  patterns: readonly Held[],
  question: { action: string; type: string; id: string; resource: FoundResource | null; attributes: object },
): Held[] {
  const { action, type, id, resource, attributes } = question;
  const fact = {
    type,
    externalId: resource?.externalId ?? id,
    name: resource?.name ?? id,
    attributes: { ...resource?.attributes, ...attributes },
  };
  return patterns.filter((it) => connector?.patternGrants?.(it.pattern, fact).includes(action) ?? false);
}

/** An answer to a question that could not be answered as it was put. */
export function unanswered(code: "not_found" | "ambiguous" | "forbidden", message: string): EvaluationAnswer {
  return answer(false, message, { error: { code, message } });
}

function answer(
  decision: boolean,
  reason: string,
  more: Partial<Omit<EvaluationAnswer["context"], "reason">> = {},
): EvaluationAnswer {
  return { decision, context: { reason, conditional: false, conditions: [], paths: [], error: null, ...more } };
}

type Way = { path: AccessPath; condition: string | null };

function waysOf({ subjects, holdings, graph, names }: Facts): Way[] {
  return subjects
    .flatMap((subject) =>
      holdings
        .filter((holding) => holding.account === subject.id)
        .flatMap((holding) => {
          const found = findPaths({ graph, from: subject.id, to: holding.holder, atMost: mostPaths });
          return found.paths.map((path) => ({
            path: [...stepsOf(subject, path, names), assignmentStep(holding)],
            condition: conditionOf(holding.condition, path, names),
          }));
        }),
    )
    .sort((a, b) => a.path.length - b.path.length);
}

function conditionOf(own: string | null, path: GroupPath, names: Facts["names"]): string | null {
  const group = isPlain(path) ? null : becomes(path);
  const becoming = group === null ? null : `after becoming ${names.get(group) ?? group}`;
  return [own, becoming].filter((part) => part !== null).join("; ") || null;
}

function stepsOf(subject: FoundSubject, path: GroupPath, names: Facts["names"]): AccessPath {
  return [
    { type: subject.type, id: subject.id, name: subject.name },
    ...path.map(({ group, how }) => ({ type: "group" as const, id: group, name: names.get(group) ?? group, how })),
  ];
}

function assignmentStep({ assignment, permission }: Holding): AccessPath[number] {
  return { type: "assignment", id: assignment, name: `GRANT ${permission}` };
}

function sentence(path: AccessPath): string {
  const [first, ...rest] = path;
  const groups = rest.slice(0, -1).map((step) => step.name);
  const holds = `holds ${(path.at(-1)?.name ?? "").replace(/^GRANT /, "")}`;
  return groups.length === 0
    ? `${first?.name} ${holds} itself`
    : `${first?.name}, through ${groups.join(" → ")}, ${holds}`;
}
