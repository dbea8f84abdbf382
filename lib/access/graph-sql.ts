import { type Columns, columnsSql, rowsOf } from "./columns";
import type { GroupEdge } from "./find-paths";
import { aliveSql, type When } from "./held-sql";

/**
 * What `graphSql` selects. Small numbers stand for the ids: an answer then mostly fits into one packet, and a second one
 * costs as much as a good part of the question.
 */
export type GraphRow = {
  names: Columns<{ n: number; id: string; name: string }>;
  edges: Columns<{ member: number; group: number; inherits: boolean; switches: boolean }>;
};

/** Some principals with the memberships between them. */
export type NamedGraph = {
  /** By number. */
  ids: ReadonlyMap<number, string>;
  /** By id. */
  names: Map<string, string>;
  edges: GroupEdge[];
};

/** SQL: the common table `numbered (n, id)` over a table `nodes (id)` without duplicates. */
export const numberedSql = "numbered as materialized (select (row_number() over ())::int as n, id from nodes)";

/** SQL: columns with the names of `numbered (n, id)` and the memberships between them. @param name of the principal `p` */
export function graphSql(when: When, at: string, name = "p.name"): string {
  return memberships(aliveSql("m", when, at), "m.inherits or m.switches", name);
}

/** SQL: the same as it stands, with the memberships that give nothing. */
export const everyMembershipSql = memberships("m.removed_at is null", "true", "p.name");

function memberships(alive: string, kind: string, name: string): string {
  const nameColumns = columnsSql({ n: "n.n", id: "n.id", name });
  const edgeColumns = columnsSql({ member: "n.n", group: "g.n", inherits: "m.inherits", switches: "m.switches" });
  return `
    (select ${nameColumns} from numbered n join principals p on p.id = n.id) as names,
    (select ${edgeColumns} from numbered n join memberships m on m.member_id = n.id and ${alive}
      join numbered g on g.id = m.group_id where ${kind}) as edges`;
}

/** The graph out of a row with the columns of `graphSql`. Pure. */
export function namedGraphOf(row: GraphRow): NamedGraph {
  const ids = new Map<number, string>();
  const names = new Map<string, string>();
  for (const { n, id, name } of rowsOf(row.names)) {
    ids.set(n, id);
    names.set(id, name);
  }
  const edges = rowsOf(row.edges).map(({ member, group, ...how }) => ({
    member: ids.get(member) ?? "",
    group: ids.get(group) ?? "",
    ...how,
  }));
  return { ids, names, edges };
}
