/** What the form holds; an empty text is "not set". */
export type Values = {
  owner: { id: string; name: string } | null;
  backupOwner: { id: string; name: string } | null;
  purpose: string;
  environment: string;
  criticality: string;
  kind: string;
};

/** What differs between two states of the form, as the command takes it. Pure. */
export function changeOf(before: Values, after: Values): Record<string, string | null> {
  const change: Record<string, string | null> = {};
  if (before.owner?.id !== after.owner?.id) change.ownerId = after.owner?.id ?? null;
  if (before.backupOwner?.id !== after.backupOwner?.id) change.backupOwnerId = after.backupOwner?.id ?? null;
  for (const field of ["purpose", "environment", "criticality"] as const) {
    const said = after[field].trim();
    if (said !== before[field].trim()) change[field] = said === "" ? null : said;
  }
  if (before.kind !== after.kind) change.kind = after.kind;
  return change;
}
