"use client";

import type { ReactNode } from "react";
import css from "@/components/access/access.module.css";
import { numberWords } from "@/components/count";
import { Isolated } from "@/components/isolated";
import { FactStrip, Panel } from "@/components/panel";
import { PlainTable } from "@/components/plain-table";
import { Privilege } from "@/components/privilege";
import { credentialKindLabels } from "@/lib/inventory/labels";
import { dispositionWords, itemKindLabels } from "@/lib/offboarding/labels";
import type { OffboardingPreview } from "@/lib/offboarding/preview-queries";
import { CallersTable } from "../callers-table";
import { useFolded } from "../use-folded";

const firstShown = 25;
const credentialKinds: Readonly<Record<string, string>> = credentialKindLabels;

/** Exactly what goes and how, and what is left behind with whom it could go to. */
export function Preview({ preview }: { preview: OffboardingPreview }) {
  const { signIn, accounts, credentials, grants, access } = preview;
  const sessions = signIn.reduce((sum, it) => sum + it.sessions, 0);
  const tokens = signIn.reduce((sum, it) => sum + it.tokens, 0);
  return (
    <div className={css.stack}>
      <FactStrip
        facts={[
          { label: "Accounts shut", value: numberWords(accounts.length) },
          { label: "Credentials that end with them", value: numberWords(credentials.length) },
          { label: "Grants ended", value: numberWords(grants.length) },
          { label: "Other access taken", value: numberWords(access.length) },
          { label: "Sessions and tokens here", value: `${sessions} and ${tokens}` },
        ]}
      />
      <Goes preview={preview} />
      <LeftBehind preview={preview} />
      <Consumers preview={preview} />
    </div>
  );
}

function Goes({ preview }: { preview: OffboardingPreview }) {
  const { shown, more } = useFolded(rowsOf(preview), firstShown);
  return (
    <Panel title="What goes" flush>
      {shown.length === 0 ? (
        <p className={css.note}>No account in any system, and no access. The sign-in here ends.</p>
      ) : (
        <PlainTable
          label="What goes"
          columns={[
            { key: "what", label: "What" },
            { key: "where", label: "Where" },
            { key: "how", label: "How" },
          ]}
          rows={shown}
        />
      )}
      {more}
      <Listed names={preview.listedIn} />
    </Panel>
  );
}

function Listed({ names }: { names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <p className={`${css.note} dimmed`}>
      Listed in <Isolated value={names.join(", ")} />, which only {names.length === 1 ? "says" : "say"} who works here:
      there is nothing in it to shut.
    </p>
  );
}

type Account = OffboardingPreview["accounts"][number];
type Access = OffboardingPreview["access"][number];

function rowsOf({ accounts, credentials, grants, access }: OffboardingPreview) {
  return [
    ...accounts.map((it) => ({
      what: (
        <span>
          <span className="dimmed">Account</span> <Isolated value={it.name} />
        </span>
      ),
      where: <Isolated value={it.connection} />,
      how: howShut(it),
    })),
    ...credentials.map((it) => ({
      what: (
        <span>
          <span className="dimmed">{kindOf(it)}</span> <Isolated value={it.name} />
        </span>
      ),
      where: <Isolated value={it.connection} />,
      how: "ends with its account",
    })),
    ...grants.map((it) => ({
      what: <What of={it} />,
      where: <Isolated value={it.connection} />,
      how: "the grant ends, and what it gave is taken",
    })),
    ...access.map((it) => ({ what: <What of={it} />, where: <Isolated value={it.connection} />, how: howTaken(it) })),
  ].map((cells, index) => ({ key: String(index), cells }));
}

// Many are called by their kind.
function kindOf({ kind, name }: OffboardingPreview["credentials"][number]): string {
  const label = credentialKinds[kind] ?? kind;
  return name.startsWith(label) ? "Credential" : label;
}

function What({ of }: { of: { permission: string; resource: string; privilege: number } }) {
  return (
    <span className={css.line}>
      <Privilege level={of.privilege} /> <Isolated value={`${of.permission} on ${of.resource}`} />
    </span>
  );
}

function howShut({ byHand, deleted }: Account): ReactNode {
  if (byHand) {
    return (
      <span>
        a person shuts it: <Isolated value={byHand} />
      </span>
    );
  }
  return `shut, sessions cut${deleted ? ", deleted after the hold" : ""}`;
}

function howTaken({ account, withAccount }: Access): ReactNode {
  if (withAccount === null) {
    return (
      <span>
        taken from <Isolated value={account} />
      </span>
    );
  }
  return (
    <span>
      goes with <Isolated value={account} />: <Isolated value={withAccount} />
    </span>
  );
}

function LeftBehind({ preview: { leftBehind } }: { preview: OffboardingPreview }) {
  const { shown, more } = useFolded(leftBehind, firstShown);
  return (
    <Panel title="Left behind" aside="each needs somebody, or an end, before the run can close" flush>
      {shown.length === 0 ? (
        <p className={css.note}>Nothing.</p>
      ) : (
        <PlainTable
          label="Left behind"
          columns={[
            { key: "what", label: "What" },
            { key: "detail", label: "Which" },
            { key: "to", label: "Suggested" },
          ]}
          rows={shown.map((it, index) => ({
            key: String(index),
            cells: {
              what: (
                <span>
                  <span className="dimmed">{itemKindLabels[it.kind]}</span>{" "}
                  <strong>
                    <Isolated value={it.name} />
                  </strong>
                </span>
              ),
              detail: (
                <span className="dimmed">
                  <Isolated value={it.detail} />
                </span>
              ),
              to: suggestionOf(it),
            },
          }))}
        />
      )}
      {more}
    </Panel>
  );
}

function suggestionOf(it: OffboardingPreview["leftBehind"][number]): ReactNode {
  if (it.suggestedName) {
    return (
      <span>
        <Isolated value={it.suggestedName} />{" "}
        <span className="dimmed">
          <Isolated value={it.evidence} />
        </span>
      </span>
    );
  }
  if (it.suggested) return dispositionWords(it.kind, it.suggested);
  return <Isolated value={it.evidence || "somebody decides"} />;
}

function Consumers({ preview: { consumers, identity } }: { preview: OffboardingPreview }) {
  if (identity.kind === "human") return null;
  return (
    <Panel title="Who calls with it" aside="what they do will break" flush>
      {consumers.length === 0 ? (
        <p className={css.note}>No use of it was seen. Where a source cannot tell, that is no proof.</p>
      ) : (
        <CallersTable label="Who calls with it" callers={consumers} />
      )}
    </Panel>
  );
}
