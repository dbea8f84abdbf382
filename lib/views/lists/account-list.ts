import { accountStatusLabels } from "../../inventory/labels";
import type { ListDefinition } from "../../lists/schema";
import { connectionField, firstSeenField, lastUseField, optionsOf, unusedField } from "./fields";

/** Every account; one without an identity is unmatched. */
export const accountList: ListDefinition = {
  page: "accounts",
  noun: { one: "account", many: "accounts" },
  fields: [
    {
      name: "unmatched",
      label: "Unmatched",
      kind: "flag",
      description: "true: belongs to no identity yet.",
    },
    connectionField,
    {
      name: "status",
      label: "Status",
      kind: "choice",
      options: optionsOf(accountStatusLabels),
      column: "status",
      description: "active, disabled, locked or expired.",
    },
    lastUseField,
    unusedField,
    firstSeenField,
  ],
  columns: [
    { name: "name", label: "Account", shown: true, sort: "name" },
    { name: "connection", label: "System", shown: true },
    { name: "email", label: "E-mail", shown: true },
    { name: "identity", label: "Identity", shown: true },
    { name: "status", label: "Status", shown: true },
    { name: "lastUse", label: "Last use", shown: true, sort: "lastUsed" },
    { name: "firstSeen", label: "First seen", shown: true, sort: "firstSeen", align: "end" },
    { name: "externalId", label: "Id there", shown: false },
  ],
  sorts: ["name", "lastUsed", "firstSeen"],
  defaultSort: "name",
};
