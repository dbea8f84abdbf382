import type { ListDefinition } from "../lists/schema";
import { accountList } from "./account-list";
import { credentialList } from "./credential-list";
import { identityList } from "./identity-list";
import { resourceList } from "./resource-list";

/** All of them, by the page they belong to. */
export const lists = {
  identities: identityList,
  credentials: credentialList,
  resources: resourceList,
  accounts: accountList,
} as const satisfies Record<string, ListDefinition>;

export type ListPage = keyof typeof lists;
