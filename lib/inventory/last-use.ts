import type { LastUse } from "./schema";

/** The columns of a row that keeps its last use. */
export type LastUseRow = {
  last_use_state: LastUse["state"];
  last_used_at: Date | null;
  not_used_since: Date | null;
  last_use_because: string | null;
};

/** The same in SQL, of the table named `of`. */
export function lastUseColumns(of: "i" | "p" | "k"): string {
  return `${of}.last_use_state, ${of}.last_used_at, ${of}.not_used_since, ${of}.last_use_because`;
}

/** The three-valued last use of such a row. */
export function lastUseOf(row: LastUseRow): LastUse {
  const state = row.last_use_state;
  return {
    state,
    at: state === "used" ? (row.last_used_at?.toISOString() ?? null) : null,
    since: state === "not_used" ? (row.not_used_since?.toISOString() ?? null) : null,
    because: state === "unknown" ? (row.last_use_because ?? "the source does not say") : null,
  };
}
