"use client";

import { Button } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { useState, useTransition } from "react";
import css from "@/components/access/access.module.css";
import { ErrorNote } from "@/components/error-note";
import { Isolated } from "@/components/isolated";
import { Panel } from "@/components/panel";
import type { Refusal } from "@/lib/errors";
import type { CollectedCredential } from "@/lib/grants/collect-credential";
import { collect } from "./actions";

/** Hands out the secret of a short-lived account: in this answer and nowhere else, gone when the page is left. */
export function Collect({ id, title, again }: { id: string; title: string; again: boolean }) {
  const [made, setMade] = useState<CollectedCredential | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();
  const take = () =>
    startWork(async () => {
      const answer = await collect({ id });
      setRefusal(answer.ok ? null : answer.refusal);
      if (answer.ok) setMade(answer.value);
    });
  return (
    <Panel title={title} aside="handed out to you alone">
      {made ? (
        <Secret made={made} />
      ) : (
        <div className={css.form}>
          <p>
            {again
              ? "It was handed out already. Taking it again makes a new secret and ends the one before."
              : "The secret is shown once, here. Leave the page, and it is gone."}
          </p>
          {refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null}
          <div className={css.buttons}>
            <Button onClick={take} loading={busy}>
              {again ? "Take a new secret" : "Take the credential"}
            </Button>
          </div>
        </div>
      )}
    </Panel>
  );
}

function Secret({ made }: { made: CollectedCredential }) {
  return (
    <div className={css.secret} role="status">
      {Object.entries(made.facts).map(([label, value]) => (
        <p key={label}>
          <span className="dimmed">{label}</span> <Isolated mono value={value} />
        </p>
      ))}
      <span className="dimmed">Secret, shown this once</span>
      <code data-secret>{made.secret}</code>
      {made.command ? (
        <>
          <span className="dimmed">To paste into a terminal; it asks for the secret</span>
          <code data-command>{made.command}</code>
        </>
      ) : null}
      <div className={css.buttons}>
        <Copy value={made.secret}>Copy the secret</Copy>
        {made.command ? <Copy value={made.command}>Copy the command</Copy> : null}
      </div>
    </div>
  );
}

function Copy({ value, children }: { value: string; children: string }) {
  const { copied, copy } = useClipboard();
  return (
    <Button variant="default" onClick={() => copy(value)}>
      {copied ? "Copied" : children}
    </Button>
  );
}
