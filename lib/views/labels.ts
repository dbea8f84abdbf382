import { grantList } from "../grants/labels";
import type { ListDefinition } from "../lists/schema";
import { requestList } from "../requests/labels";
import { accountList } from "./lists/account-list";
import { credentialList } from "./lists/credential-list";
import { identityList } from "./lists/identity-list";
import { resourceList } from "./lists/resource-list";
import { unmanagedList } from "./lists/unmanaged-list";

/** All of them, by the page they belong to. */
export const lists = {
  identities: identityList,
  credentials: credentialList,
  resources: resourceList,
  accounts: accountList,
  requests: requestList,
  grants: grantList,
  unmanaged: unmanagedList,
} as const satisfies Record<string, ListDefinition>;

export type ListPage = keyof typeof lists;
