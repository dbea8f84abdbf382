import { z } from "zod";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import type { Connector, SetupStep } from "../connectors/contract";
import { connectorNamed } from "../connectors/registry";
import { settingsFields } from "../connectors/settings-fields";

export const describeSetupInput = z.strictObject({
  connector: z.string().min(1).max(60),
  /** As far as they are typed yet. */
  settings: z.record(z.string(), z.unknown()).default({}),
});

/** The steps that make a least-privilege account for Rollcall in a system, as far as its settings are known. */
export async function describeSetup(
  actor: Actor,
  input: z.output<typeof describeSetupInput>,
): Promise<{ steps: SetupStep[] }> {
  await authorize(actor, "connection:create");
  const connector = connectorNamed(input.connector);
  if (!connector?.setup) return { steps: [] };
  const settings = partly(connector, input.settings);
  return { steps: settings === null ? [] : connector.setup(settings) };
}

// What is not typed yet is stood in for, so that there are instructions before the first letter.
function partly(connector: Connector, given: Record<string, unknown>): unknown {
  const standIn = Object.fromEntries(
    settingsFields(connector.settings)
      .filter((field) => field.required)
      .map((field) => [field.name, field.name === "user" ? "rollcall" : `your-${field.name}`]),
  );
  for (const settings of [{ ...standIn, ...given }, standIn]) {
    const parsed = connector.settings.safeParse(settings);
    if (parsed.success) return parsed.data;
  }
  return null;
}
