import type { Metadata } from "next";
import { headers } from "next/headers";
import { ActButton } from "@/components/act-button";
import { PageHeader } from "@/components/page-header";
import { Panel } from "@/components/panel";
import { listApiTokens } from "@/lib/auth/api-token-queries";
import { passkeysPossible } from "@/lib/auth/challenge";
import { requireActor } from "@/lib/auth/current-actor";
import { deviceWords } from "@/lib/auth/labels";
import { listPasskeys, listSessions } from "@/lib/auth/queries";
import { listPreferences } from "@/lib/messages/choose-messages";
import { mailPossible } from "@/lib/messages/send-mail";
import { PreferencesPanel } from "../messages/preferences-panel";
import css from "../people/people.module.css";
import { SessionTable } from "../people/session-table";
import { TokenTable } from "../people/token-table";
import { end, endOthers, revoke } from "./actions";
import { AddPasskey } from "./add-passkey";
import { PasskeyTable } from "./passkey-table";

export const metadata: Metadata = { title: "My sessions" };

export default async function MySessionsPage() {
  const actor = await requireActor();
  const [sessions, passkeys, tokens, preferences, given] = await Promise.all([
    listSessions(actor),
    listPasskeys(actor),
    listApiTokens(actor, { limit: 100, userId: actor.userId }),
    listPreferences(actor),
    headers(),
  ]);
  const others = sessions.filter((session) => !session.isCurrent).length;
  return (
    <>
      <PageHeader title="My sessions" aside={actor.email ?? actor.name} />
      <div className={css.page}>
        <Panel
          title="Sessions"
          aside="each ends 12 hours after it began, or 2 hours after it was last used"
          action={others > 0 ? <EndOthers count={others} /> : undefined}
          flush
        >
          <SessionTable sessions={sessions} end={end} />
        </Panel>
        <Panel
          title="Passkeys"
          aside="let you in without the single sign-on"
          action={passkeysPossible() ? <AddPasskey suggestedName={deviceWords(given.get("user-agent"))} /> : undefined}
          flush={passkeys.length > 0 ? true : undefined}
        >
          {passkeys.length > 0 ? (
            <PasskeyTable passkeys={passkeys} />
          ) : (
            <p className="dimmed">
              {passkeysPossible()
                ? "You have none. Add one, so that you get in when the single sign-on is away."
                : "Browsers keep passkeys only for a name with https, or for localhost; this address is neither."}
            </p>
          )}
        </Panel>
        <Panel
          title="API tokens"
          aside="act as you, within their scopes"
          flush={tokens.items.length > 0 ? true : undefined}
        >
          {tokens.items.length > 0 ? (
            <TokenTable tokens={tokens.items} revoke={revoke} />
          ) : (
            <p className="dimmed">
              Nobody made one that acts as you. An administrator makes one under API tokens, or with{" "}
              <code>rollcall token create --for</code>.
            </p>
          )}
        </Panel>
        <PreferencesPanel preferences={preferences} possible={mailPossible()} />
      </div>
    </>
  );
}

function EndOthers({ count }: { count: number }) {
  const what = count === 1 ? "1 other session" : `${count} other sessions`;
  return (
    <ActButton
      act={endOthers}
      input={{}}
      destructive
      confirm={{
        title: "End all other sessions?",
        effects: [{ what: `${what} end`, detail: "their next request is refused" }],
        confirmLabel: `End ${what}`,
      }}
    >
      End all others
    </ActButton>
  );
}
