import { AppError } from "../errors";
import { type ListDefinition, type ListState, parseState, type SearchParams } from "./schema";

/**
 * What a program asks of a list, from the parameters of its call; `cursor` is the place to go on from.
 * @throws AppError `invalid` where a page would only say what it did not understand.
 */
export function readState(list: ListDefinition, params: SearchParams): ListState {
  const { state, problems } = parseState(list, { ...params, after: params.cursor ?? params.after });
  const [problem] = problems;
  if (!problem) return state;
  throw new AppError("invalid", `This list cannot be asked like that: ${problem}.`, {
    remedy: `Filters are ${list.fields.map((field) => field.name).join(", ")}; orders are ${list.sorts.join(", ")}.`,
  });
}
