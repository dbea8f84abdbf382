// Access as the picture gets it: every name once, so that thousands of entitlements stay small on the wire.

import type {
  AccessPath,
  AccessUse,
  IdentityAccessEntry,
  IdentityAccessSummary,
  Justification,
} from "@/lib/access/schema";

export type Use = AccessUse;
export type Counts = IdentityAccessSummary["counts"];

export type PackedEntry = {
  key: string;
  permission: string;
  privilege: number;
  condition: string | null;
  pattern: boolean;
  resource: number;
  use: number;
  reasons: number;
  /** How many paths there are beyond those listed. */
  morePaths: number;
  /** Each path: indices of principals, the account first; negative (-1 - index) where the group must be switched to. */
  paths: number[][];
};

export type Packed = {
  identity: { id: string; name: string; kind: string };
  principals: { id: string; name: string; type: "account" | "group"; connection: string }[];
  resources: { id: string; name: string; type: string; connection: string }[];
  uses: Use[];
  reasons: Justification[][];
  entries: PackedEntry[];
  /** How many there are in all; more than `entries` holds when the picture was cut. */
  counts: Counts;
};

/** Packs the entries of one identity. */
export function pack(identity: Packed["identity"], entries: IdentityAccessEntry[], counts: Counts): Packed {
  const principals = new Table<Packed["principals"][number]>();
  const resources = new Table<Packed["resources"][number]>();
  const uses = new Table<Use>();
  const reasons = new Table<Justification[]>();
  const packPath = (steps: AccessPath, connection: string) =>
    steps.flatMap((step) => {
      if (step.type === "assignment") return [];
      const { id, name, type } = step;
      const index = principals.indexOf(id, { id, name, type, connection });
      return [step.how === "switches" ? -1 - index : index];
    });
  const packed = entries.map((entry) => ({
    key: entry.key,
    permission: entry.permission,
    privilege: entry.privilege,
    condition: entry.condition,
    pattern: entry.pattern,
    resource: resources.indexOf(entry.resource.id, thin(entry.resource)),
    use: uses.indexOf(JSON.stringify(entry.lastUse), entry.lastUse),
    reasons: reasons.indexOf(JSON.stringify(entry.justifications), entry.justifications),
    morePaths: entry.morePaths,
    paths: entry.paths.map((steps) => packPath(steps, entry.resource.connection)),
  }));
  return {
    identity,
    principals: principals.list,
    resources: resources.list,
    uses: uses.list,
    reasons: reasons.list,
    entries: packed,
    counts,
  };
}

function thin({ id, name, type, connection }: IdentityAccessEntry["resource"]): Packed["resources"][number] {
  return { id, name, type, connection };
}

class Table<T> {
  readonly list: T[] = [];
  private readonly places = new Map<string, number>();
  indexOf(key: string, value: T): number {
    const known = this.places.get(key);
    if (known !== undefined) return known;
    this.places.set(key, this.list.length);
    return this.list.push(value) - 1;
  }
}
