import { kindLabels } from "../../inventory/labels";
import type { ListDefinition } from "../../lists/schema";
import { connectionField, firstSeenField, optionsOf } from "./fields";

/** Every access that an account holds itself and that no grant, rule or review explains. */
export const unmanagedList: ListDefinition = {
  page: "unmanaged",
  noun: { one: "unmanaged access", many: "unmanaged accesses" },
  fields: [
    connectionField,
    {
      name: "kind",
      label: "Kind",
      kind: "choice",
      options: [...optionsOf(kindLabels), { value: "none", label: "unmatched" }],
      description: "The kind of the identity that holds it; none: its account belongs to no identity yet.",
    },
    {
      name: "privileged",
      label: "Privileged",
      kind: "flag",
      description: "true: it gives administration or everything, also through what a group is in.",
    },
    firstSeenField,
  ],
  columns: [
    { name: "access", label: "Access", shown: true },
    { name: "holder", label: "Held by", shown: true },
    { name: "account", label: "Account", shown: true },
    { name: "connection", label: "System", shown: true },
    { name: "privilege", label: "Privilege", shown: true },
    { name: "grantedBy", label: "Given by", shown: false },
    { name: "firstSeen", label: "First seen", shown: true, sort: "firstSeen", align: "end" },
  ],
  sorts: ["firstSeen"],
  defaultSort: "-firstSeen",
};
