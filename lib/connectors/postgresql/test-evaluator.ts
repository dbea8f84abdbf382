import type { ResourceFact } from "../contract";
import type { ParsedObservation } from "../schema";
import { enclosing, patternGrants } from "./rules";

// For tests: effective access over observations, as simple as it can be written, to hold the connector against the
// server without the inventory in between.

type Of<Kind> = Extract<ParsedObservation, { kind: Kind }>;
type Edge = Of<"membership">;

/** Access as the observations have it. */
export class Roll {
  readonly resources = new Map<string, ResourceFact>();
  private readonly edges = new Map<string, Edge[]>();
  private readonly grants = new Map<string, Of<"assignment">[]>();
  private readonly patterns = new Map<string, Of<"assignment">[]>();

  constructor(items: ParsedObservation[]) {
    for (const item of items) {
      if (item.kind === "resource") this.resources.set(keyOf(item.type, item.externalId), item);
      if (item.kind === "membership") push(this.edges, item.member, item);
      if (item.kind !== "assignment") continue;
      if (item.pattern) push(this.patterns, item.holder, item);
      else push(this.grants, JSON.stringify([item.holder, item.resource.type, item.resource.externalId]), item);
    }
  }

  /** Who `from` reaches by edges that `follow` takes, itself included. */
  reach(from: Iterable<string>, follow: (edge: Edge) => boolean): Set<string> {
    const found = new Set(from);
    for (const member of found) {
      for (const edge of this.edges.get(member) ?? []) if (follow(edge)) found.add(edge.group);
    }
    return found;
  }

  /** Whose rights `role` has at once. */
  inherited(role: string): Set<string> {
    return this.reach([role], (edge) => edge.inherits);
  }

  /** Whose rights `role` can come to have by SET ROLE. */
  reachable(role: string): Set<string> {
    return this.reach(
      this.reach([role], (edge) => edge.switches),
      (edge) => edge.inherits,
    );
  }

  /** Does one of `holders` have the permission, where `accepts` takes the condition for fulfilled? */
  holds(
    holders: Set<string>,
    resource: ResourceFact,
    permission: string,
    accepts: (condition: string) => boolean,
  ): boolean {
    const chain = [{ type: resource.type, id: resource.externalId }].concat(
      enclosing({ type: resource.type, id: resource.externalId }),
    );
    const isMet = ({ condition }: Of<"assignment">) => condition === null || accepts(condition);
    for (const holder of holders) {
      for (const { type, id } of chain) {
        const direct = this.grants.get(JSON.stringify([holder, type, id])) ?? [];
        if (direct.some((grant) => grant.permission === permission && isMet(grant))) return true;
      }
      for (const grant of this.patterns.get(holder) ?? []) {
        if (isMet(grant) && patternGrants(grant.pattern ?? {}, resource).includes(permission)) return true;
      }
    }
    return false;
  }
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

export function keyOf(type: string, id: string): string {
  return JSON.stringify([type, id]);
}
