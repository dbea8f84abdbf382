"use client";

import "@/components/inputs.css";
import { Button, Textarea, TextInput } from "@mantine/core";
import { type ReactNode, useId, useState } from "react";
import css from "@/components/access/access.module.css";
import { ErrorNote } from "@/components/error-note";
import { KindIcon } from "@/components/kind-icon";
import { Name } from "@/components/name";
import { durationWords } from "@/lib/grants/labels";
import type { CatalogueEntry, CatalogueSystem, Subject } from "@/lib/requests/catalogue-queries";
import { Catalogue } from "./catalogue";
import { Length } from "./length";
import { PreviewPanel } from "./preview-panel";
import { TerminalLine } from "./terminal-line";
import { type Asking, useAsk } from "./use-ask";

type Props = {
  subjects: Subject[];
  systems: CatalogueSystem[];
  found: { items: CatalogueEntry[]; more: boolean };
  words: string;
  lately: ReactNode;
};

/** Asking for access: for whom, what, how long, why; beside it what would become of it. */
export function AskForm({ subjects, systems, found, words, lately }: Props) {
  const ask = useAsk(subjects, nobody);
  const { asking, change, preview, refusal } = ask;
  const at = (field: string) => (refusal?.field === field ? refusal.message : undefined);
  return (
    <div className={css.page}>
      <div className={css.ask}>
        <div className={`${css.form} ${css.askForm}`}>
          <Subjects subjects={subjects} value={asking.subject} onChange={(subject) => change({ subject })} />
          <Catalogue
            found={found}
            systems={systems}
            words={words}
            subjectId={asking.subject.id}
            basket={asking.basket}
            toggle={ask.toggle}
          />
          <Length
            most={preview?.maxSeconds ?? null}
            value={asking.seconds}
            onChange={(seconds) => change({ seconds })}
          />
          <div className={css.two}>
            <Choice
              legend="Give it as"
              value={asking.give}
              choices={[
                ["assignment", asking.subject.relation === "self" ? "My own account" : "Their own account"],
                ["credential", "Short-lived login"],
              ]}
              onChange={(give) => change({ give })}
            />
            <Start value={asking.startsAt} onChange={(startsAt) => change({ startsAt })} error={at("startsAt")} />
          </div>
          <Textarea
            label="Reason"
            description="Your approvers and the record see it."
            rows={2}
            maxLength={4_000}
            value={asking.reason}
            onChange={(event) => change({ reason: event.currentTarget.value })}
            error={at("reason")}
          />
          <TextInput
            label="Ticket"
            description={
              preview?.tickets.length ? `Asked for by the policies: ${preview.tickets.join(", ")}` : "If there is one."
            }
            maxLength={500}
            value={asking.ticket}
            onChange={(event) => change({ ticket: event.currentTarget.value })}
            error={at("ticket")}
          />
        </div>
        <div className={css.askSide}>
          <PreviewPanel asking={asking} preview={preview} change={change} />
        </div>
        <div className={`${css.form} ${css.askSend}`}>
          {refusal && !["reason", "ticket", "startsAt"].includes(refusal.field ?? "") ? (
            <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} />
          ) : null}
          <Send ask={ask} />
          <TerminalLine asking={asking} />
        </div>
        <div className={css.askAfter}>{lately}</div>
      </div>
    </div>
  );
}

const nobody: Subject = { id: "", name: "", kind: "human", relation: "self" };

function Send({ ask }: { ask: ReturnType<typeof useAsk> }) {
  const { asking, preview, send, busy } = ask;
  const ready = asking.basket.length > 0 && asking.reason.trim() !== "" && (preview?.allowed ?? false);
  const systems = [...new Set(asking.basket.map(({ connection }) => connection.name))].join(", ");
  return (
    <div className={css.buttons}>
      <Button onClick={send} loading={busy} disabled={!ready} color={asking.breakGlass ? "red" : undefined}>
        {asking.breakGlass ? "Break the glass" : `Ask for ${durationWords(asking.seconds)}`}
      </Button>
      <span className="dimmed">{hintOf(ask, systems)}</span>
    </div>
  );
}

// Why the button rests, or what pressing it does.
function hintOf({ asking, preview, refusal }: ReturnType<typeof useAsk>, systems: string): string {
  if (systems === "") return "Choose what you need first.";
  if (asking.reason.trim() === "") return "Write a reason first.";
  if (refusal) return "See above what stands in the way.";
  if (preview === null) return "Asking the policies…";
  if (!preview.allowed) return "See under “Before you submit” what stands in the way.";
  if (asking.breakGlass) return "You get it at once. Every owner is told.";
  return `Nothing changes in ${systems} until it is approved.`;
}

function Subjects({
  subjects,
  value,
  onChange,
}: {
  subjects: readonly Subject[];
  value: Subject;
  onChange: (subject: Subject) => void;
}) {
  const name = useId();
  const [all, setAll] = useState(false);
  const shown = all ? subjects : subjects.slice(0, 4);
  if (subjects.length < 2) return null;
  return (
    <fieldset className={`${css.chips} ${css.people}`}>
      <legend>For</legend>
      {shown.map((subject) => (
        <label key={subject.id} className={css.chip}>
          <input type="radio" name={name} checked={subject.id === value.id} onChange={() => onChange(subject)} />
          <KindIcon kind={subject.kind} />
          <Name value={subject.name} />
          {subject.relation === "self" ? <span className="dimmed">me</span> : null}
        </label>
      ))}
      {shown.length < subjects.length ? (
        <Button variant="default" onClick={() => setAll(true)}>
          {subjects.length - shown.length} more
        </Button>
      ) : null}
    </fieldset>
  );
}

type StartProps = { value: string; onChange: (text: string) => void; error: string | undefined };

function Start({ value, onChange, error }: StartProps) {
  return (
    <TextInput
      type="datetime-local"
      label="Start"
      description="Empty: as soon as it is approved."
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
    />
  );
}

type ChoiceProps = {
  legend: string;
  value: Asking["give"];
  choices: readonly (readonly [Asking["give"], string])[];
  onChange: (value: Asking["give"]) => void;
};

function Choice({ legend, value, choices, onChange }: ChoiceProps) {
  const name = useId();
  return (
    <fieldset className={css.chips}>
      <legend>{legend}</legend>
      {choices.map(([key, label]) => (
        <label key={key} className={css.chip}>
          <input type="radio" name={name} checked={key === value} onChange={() => onChange(key)} />
          {label}
        </label>
      ))}
    </fieldset>
  );
}
