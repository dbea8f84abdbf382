import { numberWords } from "@/components/count";
import { Name } from "@/components/name";
import { PlainTable } from "@/components/plain-table";
import type { MatchPreview } from "@/lib/connections/apply-match-rule";
import css from "./rules.module.css";

const most = 100;
const columns = [
  { key: "account", label: "Account" },
  { key: "connection", label: "In" },
  { key: "made", label: "Makes" },
  { key: "identity", label: "Who is" },
] as const;

/** What a rule would match now of the accounts whose identity nobody and nothing else has told. */
export function RuleTry({ found }: { found: readonly MatchPreview[] }) {
  const matched = found.filter((one) => one.identity !== null).length;
  const fit =
    found.length >= most
      ? `the first ${most} accounts that fit`
      : `${numberWords(found.length)} ${found.length === 1 ? "account that fits" : "accounts that fit"}`;
  return (
    <section className={css.tried} aria-label="What it would match now">
      <p role="status">
        {found.length === 0
          ? "No account fits that is unmatched, or has made an identity of its own. What a later sync brings is tried too."
          : `It would match ${numberWords(matched)} of ${fit}.`}
      </p>
      {found.length > 0 ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        // biome-ignore lint/a11y/useSemanticElements: a list of examples is no form
        <div className={css.scroll} tabIndex={0} role="group" aria-label="Accounts that fit">
          <PlainTable
            label="Accounts that fit"
            columns={columns}
            rows={found.map((one, at) => ({
              key: `${at} ${one.account}`,
              over: one.identity === null,
              cells: {
                account: <Name value={one.account} mono />,
                connection: <Name value={one.connection} mono />,
                made: <Name value={one.made} mono />,
                identity: one.identity ? <Name value={one.identity} strong /> : "nobody, or several",
              },
            }))}
          />
        </div>
      ) : null}
    </section>
  );
}
