import { z } from "zod";
import { AppError } from "../errors";

const position = z.array(z.union([z.string().max(2_000), z.number(), z.boolean(), z.null()])).max(6);

/** Where a page of a list ended, as an opaque text: the sort values of its last row and its id. */
export function cursorOf(sort: string, values: readonly (string | number | boolean | null)[]): string {
  return Buffer.from(JSON.stringify([sort, ...values])).toString("base64url");
}

/**
 * The values of a cursor that `cursorOf` made for the same sort, each parsed by `schema`.
 * It is not signed: it holds only a place in a list, and what may be read from there is decided on every call.
 * @throws AppError `invalid`
 */
export function readCursor<Values>(cursor: string, sort: string, schema: z.ZodType<Values>): Values {
  const refusal = () =>
    new AppError("invalid", "The cursor is not one that this list gave for this sort.", {
      field: "cursor",
      remedy: "Begin again without a cursor.",
    });
  if (cursor.length > 4_000) throw refusal();
  let decoded: unknown;
  try {
    decoded = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    throw refusal();
  }
  const parts = position.safeParse(decoded);
  if (!parts.success || parts.data[0] !== sort) throw refusal();
  const values = schema.safeParse(parts.data.slice(1));
  if (!values.success) throw refusal();
  return values.data;
}
