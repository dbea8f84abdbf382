import {
  type CedarValueJson,
  type EntityJson,
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
} from "@cedar-policy/cedar-wasm/nodejs";
import { approvalsOf, type ParsedPolicies } from "./parse-policies";
import type { AccessFacts, IdentityFacts, PolicyDecision, PolicyFacts, PolicyText } from "./schema";

/** A set of policies that is ready to decide. */
export type PreparedPolicies = ParsedPolicies & {
  version: number;
  /** Groups that the policies name, as "connection/group": only these are looked up for an identity. */
  namedGroups: string[];
  key: string;
};

/** Makes a checked set ready, once for each version; Cedar keeps the parsed form in this process. */
export function preparePolicies(set: ParsedPolicies, version: number, schema: string): PreparedPolicies {
  const key = `policies-${version}`;
  const texts = Object.fromEntries(set.policies.map(({ id, text }) => [id, text]));
  for (const answer of [preparseSchema(key, schema), preparsePolicySet(key, { staticPolicies: texts })])
    if (answer.type === "failure")
      throw new Error(`policies ${version}: ${answer.errors[0]?.message ?? "not readable"}`);
  const named = set.policies.flatMap(({ text }) => [...text.matchAll(/Group::"((?:[^"\\]|\\.)*)"/g)]);
  return { ...set, version, key, namedGroups: [...new Set(named.map(([, name]) => name ?? ""))] };
}

/**
 * What the policies say to these facts. Pure. A forbid goes before every permit, and what no policy permits is denied.
 * A policy that cannot be evaluated denies.
 */
export function decidePolicy(policies: PreparedPolicies, facts: PolicyFacts): PolicyDecision {
  const answer = statefulIsAuthorized(cedarCallOf(policies, facts));
  if (answer.type === "failure")
    return denied(policies, [], `the policies could not be asked: ${answer.errors[0]?.message ?? "unknown error"}`);
  const { decision, diagnostics } = answer.response;
  if (diagnostics.errors.length > 0) {
    const ids = diagnostics.errors.map((error) => error.policyId);
    return denied(
      policies,
      ids,
      `the policy ${ids.join(", ")} could not be evaluated, and nothing is allowed on a guess`,
    );
  }
  const deciding = policies.policies.filter(({ id }) => diagnostics.reason.includes(id));
  const ids = deciding.map(({ id }) => id).sort();
  if (decision === "deny")
    return denied(policies, ids, deciding.length > 0 ? wordsOf(deciding) : "No policy allows it.");
  const approvals = [...new Set(deciding.flatMap(({ approval }) => approvalsOf(approval)))].sort();
  return { allowed: true, version: policies.version, policies: ids, because: wordsOf(deciding), approvals };
}

/** What Cedar is asked, as it is asked. */
export function cedarCallOf(
  policies: PreparedPolicies,
  facts: PolicyFacts,
): Parameters<typeof statefulIsAuthorized>[0] {
  const { entities, context } = cedarOf(facts);
  return {
    principal: { type: "Identity", id: facts.principal.id },
    action: { type: "Action", id: facts.action },
    resource: { type: "Access", id: "asked" },
    context,
    entities,
    preparsedSchemaName: policies.key,
    preparsedPolicySetId: policies.key,
    validateRequest: true,
  };
}

function denied({ version }: PreparedPolicies, policies: string[], because: string): PolicyDecision {
  return { allowed: false, version, policies, because, approvals: [] };
}

function wordsOf(policies: readonly PolicyText[]): string {
  return policies.map(({ because, id }) => because ?? id).join(" ");
}

function cedarOf(facts: PolicyFacts): { entities: EntityJson[]; context: Record<string, CedarValueJson> } {
  const people = [facts.principal, facts.subject, facts.access.owner, "requester" in facts ? facts.requester : null];
  const identities = new Map(people.filter((it) => it !== null).map((it) => [it.id, entityOfIdentity(it)]));
  const groups = new Set(
    [...identities.values()].flatMap(({ parents }) => parents.map((it) => (it as { id: string }).id)),
  );
  const entities = [
    ...identities.values(),
    ...[...groups].map((id): EntityJson => ({ uid: { type: "Group", id }, attrs: {}, parents: [] })),
    entityOfAccess(facts.access),
  ];
  return { entities, context: contextOf(facts) };
}

function contextOf(facts: PolicyFacts): Record<string, CedarValueJson> {
  const durationMinutes = Math.ceil(facts.durationSeconds / 60);
  const subject = entity(facts.subject.id);
  if (facts.action === "approve") {
    const { step, steppedUp, breakGlass } = facts;
    return { requester: entity(facts.requester.id), subject, step, steppedUp, durationMinutes, breakGlass };
  }
  const { relation, give, hasReason, ticket, alreadyHeld, conflicts, at } = facts;
  return {
    subject,
    relation,
    give,
    durationMinutes,
    hasReason,
    ...(ticket === null ? {} : { ticket }),
    alreadyHeld,
    conflicts: [...conflicts],
    weekday: (at.getUTCDay() + 6) % 7,
    hour: at.getUTCHours(),
  };
}

function entity(id: string): CedarValueJson {
  return { __entity: { type: "Identity", id } };
}

function entityOfIdentity(it: IdentityFacts): EntityJson {
  const { id, name, kind, status, roles, groups, email, department, title, environment, criticality } = it;
  const optional = Object.entries({ email, department, title, environment, criticality }).filter(
    ([, value]) => value !== null,
  );
  return {
    uid: { type: "Identity", id },
    attrs: { name, kind, status, roles: [...roles], ...(Object.fromEntries(optional) as Record<string, string>) },
    parents: groups.map((group) => ({ type: "Group", id: group })),
  };
}

function entityOfAccess({ owner, ...facts }: AccessFacts): EntityJson {
  return {
    uid: { type: "Access", id: "asked" },
    attrs: { ...facts, ...(owner ? { owner: entity(owner.id) } : {}) },
    parents: [],
  };
}
