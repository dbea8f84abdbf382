import type { Route } from "next";
import Link from "next/link";
import access from "@/components/access/access.module.css";
import { GrantBadge } from "@/components/access/grant-badge";
import { KeepGrantsFresh } from "@/components/access/keep-fresh";
import { What } from "@/components/access/what";
import { numberWords } from "@/components/count";
import { Panel } from "@/components/panel";
import { StatusBadge } from "@/components/status-badge";
import type { Total } from "@/lib/lists/run-list";
import type { OwnAccess } from "@/lib/requests/own-queries";
import css from "./overview.module.css";

/** What a person came for: what waits for them, what they asked for, and what they hold for a time. */
export function OwnAccessPanels({ own, desk }: { own: OwnAccess; desk: Total }) {
  const { grants, requests } = own;
  const { value: waiting, capped } = desk;
  return (
    <div className={css.halves}>
      <KeepGrantsFresh grants={grants} waiting={requests.length > 0} />
      <Panel title="Held for a time" action={<Link href="/access">My access</Link>} flush>
        {grants.length === 0 ? (
          <p className={css.quiet}>Nothing is given to you for a time.</p>
        ) : (
          <ul className={access.rows}>
            {grants.map((grant) => (
              <li key={grant.id} className={access.row}>
                <Link href={`/grants/${grant.id}` as Route} prefetch={false} className={access.grow}>
                  <What
                    permission={grant.permission}
                    resource={grant.resource.name}
                    connection={grant.connection.name}
                  />
                </Link>
                <GrantBadge state={grant.state} endsAt={grant.endsAt} endedBecause={grant.endedBecause} />
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <Panel title="Waiting" action={<Link href="/requests?mine=true">My requests</Link>} flush>
        <ul className={access.rows}>
          {waiting > 0 ? (
            <li className={access.row}>
              <Link href="/inbox" className={access.grow}>
                {numberWords(waiting)}
                {capped ? "+" : ""} {waiting === 1 ? "thing waits" : "things wait"} for you
              </Link>
            </li>
          ) : null}
          {requests.map((request) => (
            <li key={request.id} className={access.row}>
              <Link href={`/requests/${request.id}` as Route} prefetch={false} className={access.grow}>
                {request.items[0] ? <What {...request.items[0]} /> : `R-${request.number}`}
              </Link>
              <span className="dimmed">
                {request.awaitsAnswer ? "for your answer" : `for ${request.waitsFor[0] ?? "somebody to be found"}`}
              </span>
              <StatusBadge of="request" state={request.state} />
            </li>
          ))}
        </ul>
        {waiting + requests.length === 0 ? (
          <p className={css.quiet}>Nothing waits for you, and you wait for nobody.</p>
        ) : null}
      </Panel>
    </div>
  );
}
