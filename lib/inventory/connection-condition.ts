import { isId } from "../lists/conditions";
import type { ListFilter } from "../lists/schema";
import type { Bind } from "../lists/select";

/** The condition that `column` is one of the connections, by name or id. The few ids are looked up first. */
export function inConnections(column: string, filter: ListFilter, bind: Bind): string {
  const ids = filter.values.filter(isId);
  const names = filter.values.filter((value) => !isId(value));
  const found = `select id from connections where id = any(${bind(ids)}::uuid[]) or name = any(${bind(names)}::text[])`;
  return `${filter.not ? "not " : ""}${column} = any(array(${found}))`;
}
