import type { IdentityKind } from "../schema";
import type { Life, Use } from "./schema";

export type PrincipalFacts = Life & {
  type: "account" | "group";
  id: string;
  name: string;
  displayName?: string;
  email?: string;
  employeeNumber?: string;
  manager?: string;
  hint?: { kind: IdentityKind; reason: string };
  /** The first day on which the system shows it as disabled. */
  disabledFrom?: number | null;
  validUntil?: number;
  /** Null where the system knows of no use of it. */
  use?: Use | null;
  address?: string;
  attributes?: Record<string, unknown>;
};

export type CredentialFacts = Life & {
  account: string;
  kind:
    | "password"
    | "access_key"
    | "personal_access_token"
    | "ssh_key"
    | "client_secret"
    | "certificate"
    | "oidc_trust"
    | "api_key"
    | "other";
  id: string;
  name: string;
  use: Use | null;
  /** Days from the anchor; may be long before `from`. */
  created: number;
  expires?: number;
};

type Edge = Life & {
  member: string;
  group: string;
  inherits: boolean;
  switches: boolean;
  administers: boolean;
  implicit: boolean;
};
type ResourceFacts = Life & {
  type: string;
  id: string;
  name: string;
  parent: { type: string; id: string } | null;
  attributes: Record<string, unknown>;
};
type Held = Life & {
  holder: string;
  resource: { type: string; id: string };
  permission: string;
  privilege: 1 | 2 | 3 | 4;
  condition: string | null;
  pattern: Record<string, unknown> | null;
  grantable: boolean;
};

/** Everything a system ever held, each with the days on which it was there. */
export type World = {
  principals: PrincipalFacts[];
  memberships: Edge[];
  resources: ResourceFacts[];
  assignments: Held[];
  credentials: CredentialFacts[];
  account(facts: Omit<PrincipalFacts, "type">): string;
  group(id: string, facts?: Partial<PrincipalFacts>): string;
  join(member: string, group: string, facts?: Partial<Edge>): void;
  resource(type: string, id: string, facts?: Partial<ResourceFacts>): { type: string; id: string };
  grant(
    holder: string,
    resource: { type: string; id: string },
    permissions: readonly string[],
    facts?: Partial<Held>,
  ): void;
  credential(facts: CredentialFacts): void;
};

const always: Life = { from: -4_000, until: null };

/** An empty system to be furnished. Each thing and each edge is there once, whatever the generator asks for. */
export function emptyWorld(privilegeOf: (type: string, permission: string) => 1 | 2 | 3 | 4): World {
  const seen = new Set<string>();
  const isNew = (...key: string[]) => {
    const text = key.join("\u0000");
    return seen.has(text) ? false : Boolean(seen.add(text));
  };
  const world: World = {
    principals: [],
    memberships: [],
    resources: [],
    assignments: [],
    credentials: [],
    account(facts) {
      if (isNew("principal", facts.id)) world.principals.push({ ...facts, type: "account" });
      return facts.id;
    },
    group(id, facts = {}) {
      if (isNew("principal", id)) world.principals.push({ ...always, name: id, ...facts, id, type: "group" });
      return id;
    },
    join(member, group, facts = {}) {
      if (member === group || !isNew("membership", member, group)) return;
      const edge = { inherits: true, switches: false, administers: false, implicit: false };
      world.memberships.push({ ...always, ...edge, ...facts, member, group });
    },
    resource(type, id, facts = {}) {
      if (isNew("resource", type, id)) {
        world.resources.push({ ...always, name: id, parent: null, attributes: {}, ...facts, type, id });
      }
      return { type, id };
    },
    grant(holder, resource, permissions, facts = {}) {
      for (const permission of permissions) {
        const pattern = facts.pattern ?? null;
        const key = [holder, resource.type, resource.id, permission, facts.condition ?? "", JSON.stringify(pattern)];
        if (!isNew("assignment", ...key)) continue;
        const privilege = facts.privilege ?? privilegeOf(resource.type, permission);
        const plain = { condition: null, grantable: false };
        world.assignments.push({ ...always, ...plain, ...facts, pattern, holder, resource, permission, privilege });
      }
    },
    credential(facts) {
      if (isNew("credential", facts.account, facts.kind, facts.id)) world.credentials.push(facts);
    },
  };
  return world;
}
