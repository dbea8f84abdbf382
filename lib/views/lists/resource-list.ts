import type { ListDefinition } from "../../lists/schema";
import { connectionField, firstSeenField, ownerField } from "./fields";

/** Every resource: what is protected. */
export const resourceList: ListDefinition = {
  page: "resources",
  noun: { one: "resource", many: "resources" },
  fields: [
    {
      name: "type",
      label: "Type",
      kind: "reference",
      column: "type",
      description: "Types in the system's own words: table, schema, repository.",
    },
    connectionField,
    ownerField("Ids of owners; none for what has no owner; me for what the caller owns."),
    firstSeenField,
  ],
  columns: [
    { name: "name", label: "Resource", shown: true, sort: "name" },
    { name: "type", label: "Type", shown: true },
    { name: "connection", label: "System", shown: true },
    { name: "parent", label: "Within", shown: true },
    { name: "owner", label: "Owner", shown: true },
    { name: "entitlements", label: "Permissions", shown: true, align: "end" },
    { name: "holders", label: "Held directly by", shown: true, align: "end" },
    { name: "firstSeen", label: "First seen", shown: true, sort: "firstSeen", align: "end" },
  ],
  sorts: ["name", "firstSeen"],
  defaultSort: "name",
};
