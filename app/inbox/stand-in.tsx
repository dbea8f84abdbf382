"use client";

import { Isolated } from "@/components/isolated";
import "@/components/inputs.css";
import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState, useTransition } from "react";
import css from "@/components/access/access.module.css";
import { ActButton } from "@/components/act-button";
import { ErrorNote } from "@/components/error-note";
import { Panel } from "@/components/panel";
import { SuggestIdentity } from "@/components/suggest-input";
import { Time } from "@/components/time";
import type { Refusal } from "@/lib/errors";
import type { DelegationRow } from "@/lib/requests/inbox-queries";
import { endStandIn, standIn } from "./actions";

/** Who decides in the reader's place, from when until when. */
export function StandIn({ delegations }: { delegations: DelegationRow[] }) {
  return (
    <Panel title="Standing in" aside="somebody decides in your place while you are away">
      <div className={css.form}>
        {delegations.map((it) => (
          <p key={it.id} className={css.line}>
            <span>
              {it.mine ? (
                <>
                  <Isolated value={it.to} /> stands in for you
                </>
              ) : (
                <>
                  You stand in for <Isolated value={it.from} />
                </>
              )}{" "}
              <Time at={it.startsAt} as="date" /> to <Time at={it.endsAt} as="date" />
            </span>
            <ActButton act={endStandIn} input={{ id: it.id }} name={`End the stand-in of ${it.to}`}>
              End it
            </ActButton>
          </p>
        ))}
        <Begin />
      </div>
    </Panel>
  );
}

function Begin() {
  const [to, setTo] = useState("");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();
  function begin(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const given = new FormData(form);
    const day = (name: string, end: string) => {
      const text = String(given.get(name) ?? "");
      return text ? new Date(`${text}T${end}`).toISOString() : undefined;
    };
    const endsAt = day("until", "23:59:59");
    if (!endsAt) return;
    startWork(async () => {
      const answer = await standIn({
        to: to.trim(),
        startsAt: day("from", "00:00:00"),
        endsAt,
        reason: "",
      });
      setRefusal(answer.ok ? null : answer.refusal);
      if (!answer.ok) return;
      form.reset();
      setTo("");
    });
  }
  const errorAt = (field: string) => (refusal?.field === field ? refusal.message : undefined);
  return (
    <form onSubmit={begin} className={css.form}>
      <div className={css.line}>
        <SuggestIdentity
          label="Who"
          placeholder="Name or e-mail address"
          required
          error={errorAt("to")}
          value={to}
          onChange={setTo}
        />
        <TextInput name="from" label="From" type="date" description="" error={errorAt("startsAt")} />
        <TextInput name="until" label="Until, that day included" type="date" required error={errorAt("endsAt")} />
      </div>
      {refusal && !["to", "startsAt", "endsAt"].includes(refusal.field ?? "") ? (
        <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} />
      ) : null}
      <div className={css.buttons}>
        <Button type="submit" variant="default" loading={busy}>
          Have them stand in
        </Button>
      </div>
    </form>
  );
}
