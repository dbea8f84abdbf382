import type { Route } from "next";
import Link from "next/link";
import { numberWords } from "@/components/count";
import { EmptyState } from "@/components/empty-state";
import { HiddenByRole } from "@/components/hidden-by-role";
import type { OwnOverview } from "@/lib/inventory/overview-queries";
import type { Total } from "@/lib/lists/run-list";
import type { OwnAccess } from "@/lib/requests/own-queries";
import css from "./overview.module.css";
import { OwnAccessPanels } from "./own-access";

/** The overview of somebody who sees themself and what is theirs. */
export function OwnOverviewPage({ own, access, desk }: { own: OwnOverview; access: OwnAccess; desk: Total }) {
  const figures = [
    { label: "You own", value: own.owned, href: "/identities?owner=me", sub: "machines and others you answer for" },
    {
      label: "Of them not used for 90 days",
      value: own.ownedUnused,
      href: "/identities?owner=me&unusedSince=90d",
      sub: "do they still need to be there?",
    },
    {
      label: "Their keys that end within 7 days",
      value: own.ownedEnding,
      href: "/credentials?ending=7d",
      sub: "somebody must replace them",
    },
    { label: "Report to you", value: own.reports, href: null, sub: "directly" },
  ];
  return (
    <div className={css.page}>
      {own.you === null ? (
        <EmptyState title="No row in the inventory is known to be you">
          Your e-mail address matches no person that a connected system tells of, so nothing can be shown as yours yet.
        </EmptyState>
      ) : (
        <p className={css.you}>
          <Link href={`/identities/${own.you}` as Route}>You: your accounts, access and credentials</Link>
        </p>
      )}
      <OwnAccessPanels own={access} desk={desk} />
      <dl className={css.figures}>
        {figures.map((figure) => (
          <div key={figure.label} className={css.figure}>
            <dt>{figure.label}</dt>
            <dd className={css.value}>
              {figure.href ? (
                <Link href={figure.href as Route} prefetch={false} className={css.plain}>
                  {numberWords(figure.value)}
                </Link>
              ) : (
                numberWords(figure.value)
              )}
            </dd>
            <dd className={css.sub}>{figure.sub}</dd>
          </div>
        ))}
      </dl>
      <HiddenByRole count={own.hidden} noun={{ one: "identity is", many: "identities are" }} />
    </div>
  );
}
