import { LinkButton } from "@/components/link-button";
import css from "./overview.module.css";

/** What to do in an installation that has read nothing but itself. */
export function FirstSteps({ mayConnect }: { mayConnect: boolean }) {
  return (
    <section className={css.first} aria-label="First steps">
      <div>
        <h2>So far Rollcall has read only its own database</h2>
        <p>
          Connect the systems whose identities you want to know: a PostgreSQL cluster live, or any list of accounts and
          rights as CSV or JSON. Each one tells beforehand what it can and cannot see, and gives the exact commands for
          a role that may only read.
        </p>
      </div>
      {mayConnect ? (
        <LinkButton href="/connections/new">Connect a system</LinkButton>
      ) : (
        <p className={css.dimmed}>An administrator connects them.</p>
      )}
    </section>
  );
}
