import { Tabs } from "@/components/tabs";
import type { IdentityDetail } from "@/lib/inventory/identity-queries";
import { hrefOf, type Search, type Tab } from "./search";

type Props = { identity: IdentityDetail; search: Search; tab: Tab };

/** The parts of the page that have something in them. */
export function IdentityTabs({ identity, search, tab }: Props) {
  const shown: { key: Tab; label: string; count?: number }[] = [
    { key: "access", label: "Access", count: identity.reaches },
    { key: "accounts", label: "Accounts", count: identity.accountCount },
    { key: "credentials", label: "Credentials", count: identity.credentialCount },
    ...(identity.originCount > 0
      ? [{ key: "used-from" as const, label: "Used from", count: identity.originCount }]
      : []),
    ...(identity.ownsCount > 0 ? [{ key: "owns" as const, label: "Owns", count: identity.ownsCount }] : []),
    { key: "history", label: "History" },
  ];
  const hrefTo = (key: Tab) => hrefOf(identity.id, { at: search.at }, { tab: key === "access" ? undefined : key });
  return (
    <Tabs label="Parts of this identity" tabs={shown.map((one) => ({ ...one, href: hrefTo(one.key) }))} current={tab} />
  );
}
