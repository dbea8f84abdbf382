import type { ColumnMappingInput, Take } from "./file-mapping";

type RuleInput = ColumnMappingInput["rules"][number];

/** The credential report of AWS IAM: a password and up to two keys for each user, in columns; null for another file. */
export function awsCredentialReport(columns: readonly string[]): RuleInput[] | null {
  if (!columns.includes("access_key_1_active") || !columns.includes("arn") || !columns.includes("user")) return null;
  const account: Take = { column: "arn" };
  const when = (column: string) => ({ when: { column, is: ["true"] } });
  const keys = ["1", "2"].map(
    (number): RuleInput => ({
      kind: "credential",
      ...when(`access_key_${number}_active`),
      account,
      credentialKind: { value: "access_key" },
      externalId: { value: `access-key-${number}` },
      name: { value: `Access key ${number}` },
      createdAt: { column: `access_key_${number}_last_rotated` },
      lastUsedAt: { column: `access_key_${number}_last_used_date` },
      lastUsedFrom: { column: `access_key_${number}_last_used_region` },
    }),
  );
  return [
    {
      kind: "account",
      externalId: account,
      name: { column: "user" },
      createdAt: { column: "user_creation_time" },
      lastUsedAt: { column: "password_last_used" },
      attributes: { mfa: { column: "mfa_active" } },
    },
    {
      kind: "credential",
      ...when("password_enabled"),
      account,
      credentialKind: { value: "password" },
      externalId: { value: "password" },
      name: { value: "Console password" },
      createdAt: { column: "password_last_changed" },
      lastUsedAt: { column: "password_last_used" },
    },
    ...keys,
  ];
}
