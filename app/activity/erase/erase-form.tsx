"use client";

import "@/components/inputs.css";
import { Button, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState, useTransition } from "react";
import { ConfirmModal } from "@/components/confirm-modal";
import { numberWords } from "@/components/count";
import { ErrorNote } from "@/components/error-note";
import type { ErasurePreview } from "@/lib/audit/erase-values";
import type { Refusal } from "@/lib/errors";
import { erase, preview } from "./actions";
import css from "./erase.module.css";

type Wanted = { ids: string[]; texts: string[]; reason: string };

/** Whose traces and why; what would go is counted before anything does. */
export function EraseForm({ ids, texts }: { ids: string[]; texts: string[] }) {
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const [found, setFound] = useState<ErasurePreview | null>(null);
  const [done, setDone] = useState<{ events: number; parts: number } | null>(null);
  const [busy, startWork] = useTransition();

  function look(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = givenIn(new FormData(event.currentTarget));
    setDone(null);
    startWork(async () => {
      const answer = await preview({ ids: given.ids, texts: given.texts });
      setRefusal(answer.ok ? null : answer.refusal);
      setFound(answer.ok ? answer.value : null);
      setWanted(given);
    });
  }

  function carryOut() {
    if (!wanted) return;
    startWork(async () => {
      const answer = await erase(wanted);
      setRefusal(answer.ok ? null : answer.refusal);
      if (!answer.ok) return;
      setFound(null);
      setDone(answer.value);
    });
  }

  const note = refusal ? (
    <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} />
  ) : null;
  return (
    <>
      <form className={css.form} onSubmit={look}>
        <Textarea
          name="ids"
          label="Ids"
          description="Of users and identities, one a line. What they did and what was done to them is concerned."
          defaultValue={ids.join("\n")}
          rows={3}
          spellCheck={false}
          className={css.mono}
        />
        <Textarea
          name="texts"
          label="Texts"
          description="Names and e-mail addresses, one a line. Every event that names one is concerned."
          defaultValue={texts.join("\n")}
          rows={3}
          spellCheck={false}
        />
        <TextInput
          name="reason"
          label="Why"
          description="Kept in the record. Do not repeat here what is to be forgotten."
          maxLength={500}
          required
        />
        {found ? null : note}
        <div className={css.buttons}>
          <Button type="submit" variant="default" loading={busy && !found}>
            See what would go
          </Button>
          {done ? <Done {...done} /> : null}
        </div>
      </form>
      {found && wanted ? (
        <Question found={found} busy={busy} note={note} onClose={() => setFound(null)} onConfirm={carryOut} />
      ) : null}
    </>
  );
}

function Done({ events, parts }: { events: number; parts: number }) {
  return (
    <span role="status">
      Erased {numberWords(parts)} parts of {numberWords(events)} events. That it was done is an event of the record.
    </span>
  );
}

type QuestionProps = {
  found: ErasurePreview;
  busy: boolean;
  note: React.ReactNode;
  onClose: () => void;
  onConfirm: () => void;
};

function Question({ found: { events, parts }, busy, note, onClose, onConfirm }: QuestionProps) {
  const total = parts.who + parts.target + parts.content;
  const effects = [
    { count: parts.who, what: "times who did it" },
    { count: parts.target, what: "times the name of what it was done to" },
    { count: parts.content, what: "times why, and details" },
  ].flatMap(({ count, what }) => (count > 0 ? [{ what: `${numberWords(count)} ${what}` }] : []));
  if (total === 0)
    return (
      <p role="status" className={css.told}>
        The record holds nothing of that. Nothing would be erased.
      </p>
    );
  return (
    <ConfirmModal
      opened
      onClose={onClose}
      onConfirm={onConfirm}
      busy={busy}
      title={`Erase from ${numberWords(events)} events?`}
      effects={effects}
      mayBreak="It cannot be brought back. Whoever asks later who did this gets no name."
      typeToConfirm={String(total)}
      typeLabel={`Type ${total} to go on`}
      confirmLabel={`Erase ${numberWords(total)} parts`}
      destructive
      error={note}
    />
  );
}

function givenIn(form: FormData): Wanted {
  const lines = (name: string) =>
    String(form.get(name) ?? "")
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean);
  return { ids: lines("ids"), texts: lines("texts"), reason: String(form.get("reason") ?? "").trim() };
}
