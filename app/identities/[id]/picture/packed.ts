// Access as the picture gets it: every name once, so that thousands of entitlements stay small on the wire.

export type Use = {
  state: "used" | "not_used" | "unknown";
  at: string | null;
  since: string | null;
  because: string | null;
};
export type Reason = { type: string; name: string; until: string | null };

/** How a step on a path is taken: at once, or only after becoming the group. */
export type How = "inherits" | "switches";

export type Step = { type: "account" | "group" | "assignment"; id: string; name: string; how?: How };

/** One entry of the access list, as the picture needs it. */
export type Entry = {
  /** Stable within the identity; names the entry in the address of the page. */
  key: string;
  permission: string;
  privilege: number;
  condition: string | null;
  pattern: boolean;
  resource: { id: string; connection: string; type: string; name: string };
  paths: Step[][];
  lastUse: Use;
  reasons: Reason[];
};

export type PackedEntry = {
  key: string;
  permission: string;
  privilege: number;
  condition: string | null;
  pattern: boolean;
  resource: number;
  use: number;
  reasons: number;
  /** Each path: indices of principals, the account first; negative (-1 - index) where the group must be switched to. */
  paths: number[][];
};

export type Packed = {
  identity: { id: string; name: string; kind: string };
  principals: { id: string; name: string; type: "account" | "group"; connection: string }[];
  resources: { id: string; name: string; type: string; connection: string }[];
  uses: Use[];
  reasons: Reason[][];
  entries: PackedEntry[];
  /** How many entries there are in all; more than `entries` holds when the picture was cut. */
  total: number;
};

/** Packs the entries of one identity. */
export function pack(identity: Packed["identity"], entries: Entry[], total: number): Packed {
  const principals = new Table<Packed["principals"][number]>();
  const resources = new Table<Packed["resources"][number]>();
  const uses = new Table<Use>();
  const reasons = new Table<Reason[]>();
  const packPath = (steps: Step[], connection: string) =>
    steps.flatMap((step) => {
      if (step.type === "assignment") return [];
      const { id, name, type } = step;
      const index = principals.indexOf(id, { id, name, type, connection });
      return [step.how === "switches" ? -1 - index : index];
    });
  const packed = entries.map(({ key, permission, privilege, condition, pattern, resource, lastUse, ...entry }) => ({
    key,
    permission,
    privilege,
    condition,
    pattern,
    resource: resources.indexOf(resource.id, resource),
    use: uses.indexOf(JSON.stringify(lastUse), lastUse),
    reasons: reasons.indexOf(JSON.stringify(entry.reasons), entry.reasons),
    paths: entry.paths.map((steps) => packPath(steps, resource.connection)),
  }));
  return {
    identity,
    principals: principals.list,
    resources: resources.list,
    uses: uses.list,
    reasons: reasons.list,
    entries: packed,
    total,
  };
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
