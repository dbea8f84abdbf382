import { z } from "zod";
import type { Connector } from "../connectors/contract";
import { AppError } from "../errors";

/**
 * Parses what a person gave as a connector's settings and secrets.
 * @throws AppError `invalid` that names the field; a secret's value is never in it.
 */
export function parseSettings(
  connector: Connector,
  given: { settings: Record<string, unknown>; secrets: Record<string, unknown> },
): { settings: Record<string, unknown>; secrets: Record<string, unknown> } {
  return {
    settings: parsed("settings", connector.settings, given.settings),
    secrets: parsed("secrets", connector.secrets, given.secrets),
  };
}

function parsed(part: string, schema: z.ZodType, value: Record<string, unknown>): Record<string, unknown> {
  const result = schema.safeParse(value);
  if (result.success) return z.record(z.string(), z.unknown()).parse(result.data);
  const issue = result.error.issues[0];
  const field = [part, ...(issue?.path ?? [])].join(".");
  throw new AppError("invalid", `${field}: ${issue?.message ?? "does not fit"}`, {
    field,
    remedy: "Correct it and try again.",
  });
}
