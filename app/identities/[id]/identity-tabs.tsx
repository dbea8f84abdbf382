import Link from "next/link";
import { numberWords } from "@/components/count";
import type { IdentityDetail } from "@/lib/inventory/identity-queries";
import css from "./identity.module.css";
import { hrefOf, type Search, type Tab } from "./search";

type Props = { identity: IdentityDetail; search: Search; tab: Tab };

/** The parts of the page that have something in them, each an address of its own. */
export function IdentityTabs({ identity, search, tab }: Props) {
  const shown: { tab: Tab; label: string; count?: number }[] = [
    { tab: "access", label: "Access", count: identity.reaches },
    { tab: "accounts", label: "Accounts", count: identity.accountCount },
    { tab: "credentials", label: "Credentials", count: identity.credentialCount },
    ...(identity.originCount > 0
      ? [{ tab: "used-from" as const, label: "Used from", count: identity.originCount }]
      : []),
    ...(identity.ownsCount > 0 ? [{ tab: "owns" as const, label: "Owns", count: identity.ownsCount }] : []),
    { tab: "history", label: "History" },
  ];
  return (
    <nav className={css.tabs} aria-label="Parts of this identity">
      {shown.map((one) => (
        <Link
          key={one.tab}
          href={hrefOf(identity.id, { at: search.at }, { tab: one.tab === "access" ? undefined : one.tab })}
          aria-current={one.tab === tab ? "page" : undefined}
          prefetch={false}
          scroll={false}
        >
          {one.label}
          {one.count === undefined ? null : <span className={css.count}>{numberWords(one.count)}</span>}
        </Link>
      ))}
    </nav>
  );
}
