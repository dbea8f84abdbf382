"use client";

import "@/components/inputs.css";
import { Checkbox } from "@mantine/core";
import { useState, useTransition } from "react";
import { ErrorNote } from "@/components/error-note";
import { Panel } from "@/components/panel";
import type { Refusal } from "@/lib/errors";
import type { Preference } from "@/lib/messages/choose-messages";
import { choose } from "./actions";
import css from "./messages.module.css";

/** What the reader gets by e-mail; what is dangerous cannot be turned off. */
export function PreferencesPanel({ preferences, possible }: { preferences: readonly Preference[]; possible: boolean }) {
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();

  function turn(event: Preference["event"], email: boolean) {
    startWork(async () => {
      const answer = await choose({ event, email });
      setRefusal(answer.ok ? null : answer.refusal);
    });
  }

  return (
    <div id="messages">
      <Panel title="Messages" aside={possible ? "by e-mail" : "by e-mail, once a mail server is set"}>
        <div className={css.preferences} aria-busy={busy}>
          {preferences.map(({ event, label, email, always }) => (
            <Checkbox
              key={event}
              label={label}
              description={always ? "Always sent" : undefined}
              checked={email}
              disabled={always}
              onChange={(change) => turn(event, change.currentTarget.checked)}
            />
          ))}
          {refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null}
        </div>
      </Panel>
    </div>
  );
}
