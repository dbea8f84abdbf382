import { rows } from "../db/client";
import type { ListState } from "./schema";
import { countStatement, type ListPage, type ListRequest, type ListSource, pageOf, pageStatement } from "./select";

/** Counting stops here unless somebody asks for the exact number. */
export const countCap = 10_000;

export type Total = { value: number; capped: boolean };

/** One page of a list. Statements are unnamed on purpose: each is planned for its own values (see docs/decisions). */
export async function runPage<Row extends { sort_key: string; row_id: string }, Item>(
  source: ListSource,
  request: ListRequest,
  itemOf: (row: Row) => Item,
): Promise<ListPage<Item>> {
  const statement = pageStatement(source, request);
  return pageOf(await rows<Row>(statement.text, statement.values), request, itemOf);
}

/** How many rows a list has; counted to the end only when `exact`. */
export async function runCount(
  source: ListSource,
  request: { state: ListState; now: Date; always: ListRequest["always"] },
  exact: boolean,
): Promise<Total> {
  const statement = countStatement(source, request, exact ? null : countCap);
  const [counted] = await rows<{ total: string }>(statement.text, statement.values);
  const total = Number(counted?.total ?? 0);
  return exact || total <= countCap ? { value: total, capped: false } : { value: countCap, capped: true };
}

// Few enough that a page is garbage before the collector takes it for something that stays.
const walkStep = 200;

/** Every row of a list, page by page, in flat memory. */
export async function* walkList<Row extends { sort_key: string; row_id: string }, Item>(
  source: ListSource,
  request: Omit<ListRequest, "limit">,
  itemOf: (row: Row) => Item,
): AsyncGenerator<Item[]> {
  let state: ListState = { ...request.state, place: null };
  while (true) {
    const page = await runPage(source, { ...request, state, limit: walkStep }, itemOf);
    yield page.items;
    if (page.nextCursor === null) return;
    state = { ...state, place: { cursor: page.nextCursor, way: "after" } };
  }
}
