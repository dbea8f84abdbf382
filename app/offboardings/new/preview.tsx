import css from "@/components/access/access.module.css";
import { FactStrip, Panel } from "@/components/panel";
import { PlainTable } from "@/components/plain-table";
import { Privilege } from "@/components/privilege";
import { Time } from "@/components/time";
import { dispositionWords, itemKindLabels } from "@/lib/offboarding/labels";
import type { OffboardingPreview } from "@/lib/offboarding/preview-queries";

const mostShown = 200;

/** Exactly what goes, and what is left behind with whom it could go to. */
export function Preview({ preview }: { preview: OffboardingPreview }) {
  const { signIn, accounts, credentials, grants, access } = preview;
  const sessions = signIn.reduce((sum, it) => sum + it.sessions, 0);
  const tokens = signIn.reduce((sum, it) => sum + it.tokens, 0);
  return (
    <>
      <FactStrip
        facts={[
          { label: "Accounts shut", value: accounts.length },
          { label: "Credentials that end with them", value: credentials.length },
          { label: "Grants ended", value: grants.length },
          { label: "Other access taken", value: access.length },
          { label: "Sessions and tokens here", value: `${sessions} and ${tokens}` },
        ]}
      />
      <Panel title="What goes" aside={accounts.length === 0 ? "no account in any system" : undefined} flush>
        <PlainTable
          label="What goes"
          columns={[
            { key: "what", label: "What" },
            { key: "where", label: "Where" },
            { key: "how", label: "How" },
          ]}
          rows={rowsOf(preview).slice(0, mostShown)}
        />
        <More of={rowsOf(preview).length} />
      </Panel>
      <LeftBehind preview={preview} />
      <Consumers preview={preview} />
    </>
  );
}

function rowsOf({ accounts, grants, access }: OffboardingPreview) {
  return [
    ...accounts.map((it) => ({
      what: <bdi>{it.name}</bdi>,
      where: it.connection,
      how: "shut now, sessions cut, deleted after the hold",
    })),
    ...grants.map((it) => ({
      what: <bdi>{`${it.permission} on ${it.resource}`}</bdi>,
      where: it.connection,
      how: "the grant ends",
    })),
    ...access.map((it) => ({
      what: (
        <>
          <Privilege level={it.privilege} /> <bdi>{`${it.permission} on ${it.resource}`}</bdi>
        </>
      ),
      where: it.connection,
      how: `taken from ${it.account}`,
    })),
  ].map((cells, index) => ({ key: String(index), cells }));
}

function LeftBehind({ preview: { leftBehind } }: { preview: OffboardingPreview }) {
  return (
    <Panel title="What is left behind" aside="each needs somebody, or an end, before the run can close" flush>
      {leftBehind.length === 0 ? (
        <p className={css.note}>Nothing.</p>
      ) : (
        <PlainTable
          label="What is left behind"
          columns={[
            { key: "what", label: "What" },
            { key: "detail", label: "Which" },
            { key: "to", label: "Suggested" },
          ]}
          rows={leftBehind.slice(0, mostShown).map((it, index) => ({
            key: String(index),
            cells: {
              what: (
                <>
                  {itemKindLabels[it.kind]}{" "}
                  <strong>
                    <bdi>{it.name}</bdi>
                  </strong>
                </>
              ),
              detail: <bdi className="dimmed">{it.detail}</bdi>,
              to: it.suggestedName ? (
                <>
                  <bdi>{it.suggestedName}</bdi> <span className="dimmed">{it.evidence}</span>
                </>
              ) : it.suggested ? (
                dispositionWords(it.kind, it.suggested)
              ) : (
                it.evidence
              ),
            },
          }))}
        />
      )}
      <More of={leftBehind.length} />
    </Panel>
  );
}

function More({ of }: { of: number }) {
  return of > mostShown ? <p className={css.note}>And {of - mostShown} more.</p> : null;
}

function Consumers({ preview: { consumers, identity } }: { preview: OffboardingPreview }) {
  if (identity.kind === "human") return null;
  return (
    <Panel title="Who calls with it" aside="what they do will break" flush>
      {consumers.length === 0 ? (
        <p className={css.note}>No use of it was seen. Where a source cannot tell, that is no proof.</p>
      ) : (
        <PlainTable
          label="Who calls with it"
          columns={[
            { key: "from", label: "From" },
            { key: "as", label: "As" },
            { key: "last", label: "Last" },
            { key: "uses", label: "Uses", end: true },
          ]}
          rows={consumers.map((it, index) => ({
            key: String(index),
            cells: {
              from: <bdi>{it.from ?? "an unknown place"}</bdi>,
              as: `${it.account} in ${it.connection}`,
              last: <Time at={it.lastAt} />,
              uses: it.uses,
            },
          }))}
        />
      )}
    </Panel>
  );
}
