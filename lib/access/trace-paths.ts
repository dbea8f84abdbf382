import { becomes, type FoundPaths, findPaths, type GroupPath, isPlain } from "./find-paths";
import type { AccountFacts, Holdings } from "./holdings";
import type { AccessPath } from "./schema";

/** An assignment that a path may end in. */
export type HeldAssignment = { id: string; holder: string; permission: string; until: Date | null };

export type TracedAccess = {
  paths: AccessPath[];
  morePaths: number;
  morePathsCapped: boolean;
  /** The accounts that get there. */
  accounts: AccountFacts[];
  /** Some path needs no becoming. */
  isPlain: boolean;
  /** The names of those whom one may become to get there. */
  becoming: string[];
};

/** Traces from accounts to assignments over what stands between; each way between two principals is found once. */
export function pathTracer({ accounts, ...holdings }: Holdings, atMost: number) {
  const known = new Map<string, FoundPaths>();
  const nameOf = (id: string) => holdings.names.get(id) ?? id;

  function between(from: string, to: string): FoundPaths {
    const key = `${from} ${to}`;
    const found = known.get(key) ?? findPaths({ graph: holdings.graph, from, to, atMost });
    known.set(key, found);
    return found;
  }

  function stepsOf(account: AccountFacts, path: GroupPath, assignment: HeldAssignment): AccessPath {
    return [
      { type: "account", id: account.id, name: account.name },
      ...path.map(({ group, how }) => ({ type: "group" as const, id: group, name: nameOf(group), how })),
      { type: "assignment", id: assignment.id, name: `GRANT ${assignment.permission}` },
    ];
  }

  return function trace(assignments: readonly HeldAssignment[], only?: AccountFacts): TracedAccess {
    const ways = (only ? [only] : accounts).flatMap((account) =>
      assignments.map((assignment) => ({ account, assignment, ...between(account.id, assignment.holder) })),
    );
    const paths = ways
      .flatMap(({ account, assignment, paths }) => paths.map((path) => ({ account, assignment, path })))
      .sort((a, b) => Number(isPlain(b.path)) - Number(isPlain(a.path)) || a.path.length - b.path.length);
    const becoming = paths.map(({ path }) => becomes(path)).filter((group) => group !== null);
    return {
      paths: paths.slice(0, atMost).map(({ account, path, assignment }) => stepsOf(account, path, assignment)),
      morePaths: ways.reduce((sum, way) => sum + way.more, 0) + Math.max(0, paths.length - atMost),
      morePathsCapped: ways.some((way) => way.isCapped),
      accounts: [...new Set(paths.map((it) => it.account))],
      isPlain: paths.some(({ path }) => isPlain(path)),
      becoming: [...new Set(becoming)].map(nameOf).sort(),
    };
  };
}

/** What the system would still check: the entitlement's own condition, and whom one must become first. */
export function conditionOf(own: string | null, traced: Pick<TracedAccess, "isPlain" | "becoming">): string | null {
  if (traced.isPlain) return own;
  const shown = traced.becoming.slice(0, 5).join(" or ");
  const rest = traced.becoming.length > 5 ? ` or ${traced.becoming.length - 5} others` : "";
  return [own, `after becoming ${shown}${rest}`].filter((part) => part !== null).join("; ");
}
