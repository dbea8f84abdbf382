import { identityKinds } from "../connectors/schema";
import { credentialAgeLabels, lastUsedLabels } from "./labels";

/** Where each figure of the overview leads: the list that counts the same. A test holds them to it. */
export const figureLinks: Record<string, `/${string}`> = {
  identities: "/identities",
  "identities.privileged": "/identities?privileged=true",
  "identities.privileged.human": "/identities?kind=human&privileged=true",
  "identities.no_owner": "/identities?owner=none",
  "identities.no_owner.production": "/identities?owner=none&environment=production",
  "identities.not_used_90d": "/identities?unusedSince=90d",
  "identities.not_used_90d.privileged": "/identities?privileged=true&unusedSince=90d",
  "identities.last_use.not_used": "/identities?lastUse=not_used",
  "identities.last_use.unknown": "/identities?lastUse=unknown",
  ...Object.fromEntries(
    Object.keys(lastUsedLabels).map((stretch) => [`identities.last_use.${stretch}`, `/identities?lastUsed=${stretch}`]),
  ),
  ...Object.fromEntries(identityKinds.map((kind) => [`identities.${kind}`, `/identities?kind=${kind}`])),
  ...Object.fromEntries(
    identityKinds
      .filter((kind) => kind !== "human")
      .map((kind) => [`identities.no_owner.${kind}`, `/identities?kind=${kind}&owner=none`]),
  ),
  credentials: "/credentials",
  "credentials.ending_7d": "/credentials?ending=7d",
  ...Object.fromEntries(
    Object.keys(credentialAgeLabels).map((age) => [`credentials.age.${age}`, `/credentials?age=${age}`]),
  ),
  "accounts.unmatched": "/accounts?unmatched=true",
};
