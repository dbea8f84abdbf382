import type { Observation } from "../schema";
import { lastUseOf } from "./last-use";
import { type DemoSettings, dayOf, type Life, timeOf } from "./schema";
import type { CredentialFacts, PrincipalFacts, World } from "./world";

/** What of use the system knows: nothing, or all up to a day. */
export type Known = { account: boolean; credential: boolean; accountUntil: number | null };

/** A system as it stood at `at`, kind by kind. Edges whose ends are not there are not there either. */
export function observationsAt(
  world: World,
  settings: DemoSettings,
  at: Date,
  known: Known,
): Record<"principal" | "membership" | "resource" | "assignment" | "credential", Observation[]> {
  const day = dayOf(settings, at);
  const alive = (life: Life) => life.from <= day && (life.until === null || day < life.until);
  const principals = world.principals.filter(alive);
  const there = new Set(principals.map((principal) => principal.id));
  const resources = world.resources.filter(alive);
  return {
    principal: principals.map((facts) => principalOf(facts, settings, at, known)),
    resource: resources.map(({ type, id, name, parent, attributes }) => ({
      kind: "resource",
      type,
      externalId: id,
      name,
      parent: parent && { type: parent.type, externalId: parent.id },
      attributes,
    })),
    membership: world.memberships
      .filter((edge) => alive(edge) && there.has(edge.member) && there.has(edge.group))
      .map(({ member, group, inherits, switches, administers, implicit }) => ({
        kind: "membership",
        member,
        group,
        inherits,
        switches,
        administers,
        implicit,
      })),
    assignment: world.assignments
      .filter((held) => alive(held) && there.has(held.holder))
      .map(({ holder, resource, permission, privilege, condition, pattern, grantable }) => ({
        kind: "assignment",
        holder,
        resource: { type: resource.type, externalId: resource.id },
        permission,
        privilege,
        condition,
        pattern,
        grantable,
      })),
    credential: world.credentials
      .filter((facts) => alive(facts) && there.has(facts.account))
      .map((facts) => credentialOf(facts, settings, at, known)),
  };
}

function principalOf(facts: PrincipalFacts, settings: DemoSettings, at: Date, known: Known): Observation {
  const day = dayOf(settings, at);
  const seenUntil =
    known.accountUntil === null ? at : new Date(Math.min(at.getTime(), timeOf(settings, known.accountUntil).getTime()));
  const used = known.account && facts.use ? lastUseOf(settings, facts.id, facts.use, facts.from, seenUntil) : null;
  const disabled = facts.disabledFrom !== undefined && facts.disabledFrom !== null && facts.disabledFrom <= day;
  return {
    kind: facts.type,
    externalId: facts.id,
    name: facts.name,
    displayName: facts.displayName ?? null,
    email: facts.email ?? null,
    employeeNumber: facts.employeeNumber ?? null,
    managerExternalId: facts.manager ?? null,
    kindHint: facts.hint ?? null,
    status: disabled ? "disabled" : "active",
    validUntil: facts.validUntil === undefined ? null : timeOf(settings, facts.validUntil),
    sourceCreatedAt: facts.from < -3_900 ? null : timeOf(settings, facts.from, 540),
    lastUsedAt: used,
    lastUsedFrom: used ? (facts.address ?? null) : null,
    attributes: facts.attributes ?? {},
  };
}

function credentialOf(facts: CredentialFacts, settings: DemoSettings, at: Date, known: Known): Observation {
  const expires = facts.expires === undefined ? null : timeOf(settings, facts.expires);
  return {
    kind: "credential",
    account: facts.account,
    credentialKind: facts.kind,
    externalId: facts.id,
    name: facts.name,
    status: expires && expires <= at ? "expired" : "active",
    sourceCreatedAt: timeOf(settings, facts.created, 545),
    expiresAt: expires,
    lastUsedAt: known.credential && facts.use ? lastUseOf(settings, facts.id, facts.use, facts.created, at) : null,
    attributes: {},
  };
}
