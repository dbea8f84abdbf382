"use client";

import { Isolated } from "@/components/isolated";
import "@/components/inputs.css";
import { Button, Checkbox, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { IconBan, IconCircleCheck } from "@tabler/icons-react";
import { type FormEvent, useState, useTransition } from "react";
import css from "@/components/access/access.module.css";
import { ErrorNote } from "@/components/error-note";
import { Panel } from "@/components/panel";
import { Badge } from "@/components/status-badge";
import type { Refusal } from "@/lib/errors";
import type { PolicyFile } from "@/lib/policies/schema";
import { whoWords } from "@/lib/requests/labels";
import type { Simulation, Verdict } from "@/lib/requests/simulate-queries";
import { simulate } from "./actions";

/** Would this be allowed? By the policies in force, and by a draft of them. */
export function Simulate({ files }: { files: PolicyFile[] }) {
  const [answer, setAnswer] = useState<Simulation | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [drafting, setDrafting] = useState(false);
  const [busy, startWork] = useTransition();
  function ask(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const draft = files.map((file) => ({ name: file.name, text: String(form.get(`file ${file.name}`) ?? file.text) }));
    startWork(async () => {
      const done = await simulate({
        action: actions.find((it) => it === text("action")) ?? "request",
        requester: text("requester"),
        subject: text("subject"),
        item: {
          connection: text("connection"),
          permission: text("permission"),
          resource: { type: text("type"), id: text("resource") },
        },
        duration: text("duration"),
        ...(drafting ? { files: draft } : {}),
      });
      setRefusal(done.ok ? null : done.refusal);
      setAnswer(done.ok ? done.value : null);
    });
  }
  return (
    <Panel title="Try it" aside="what would be decided, and why; changes nothing">
      <form onSubmit={ask} className={css.form}>
        <div className={css.fields}>
          <NativeSelect name="action" label="May somebody" data={[...actions]} />
          <TextInput name="requester" label="Who (e-mail or id)" required />
          <TextInput name="subject" label="For whom (empty: themself)" />
        </div>
        <div className={css.fields}>
          <TextInput name="connection" label="System" required />
          <TextInput name="permission" label="Permission" defaultValue="member" required />
          <TextInput name="type" label="Kind of resource" defaultValue="role" required />
          <TextInput name="resource" label="Resource" required />
          <TextInput name="duration" label="Duration" defaultValue="PT4H" required />
        </div>
        <Checkbox
          label="Beside it, what a draft of the policies would say"
          checked={drafting}
          onChange={(event) => setDrafting(event.currentTarget.checked)}
        />
        {drafting
          ? files.map((file) => (
              <Textarea
                key={file.name}
                name={`file ${file.name}`}
                label={`Draft of ${file.name}`}
                defaultValue={file.text}
                rows={8}
                spellCheck={false}
                styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: "0.75rem" } }}
              />
            ))
          : null}
        {refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null}
        <div className={css.buttons}>
          <Button type="submit" variant="default" loading={busy}>
            Ask the policies
          </Button>
        </div>
      </form>
      {answer ? <Answer answer={answer} /> : null}
    </Panel>
  );
}

const actions = ["request", "break_glass", "extend", "activate"] as const;

function Answer({ answer: { facts, verdict, draft } }: { answer: Simulation }) {
  return (
    <div role="status" className={`${css.form} ${css.answer}`}>
      <p className="dimmed">
        <Isolated value={facts.requester} />, for <Isolated value={facts.subject} />: <Isolated value={facts.access} />
      </p>
      <div className={css.diff}>
        <VerdictOf title="In force" verdict={verdict} />
        {draft === null ? null : "faults" in draft ? (
          <section className={css.danger} aria-label="Faults of the draft">
            <ul>
              {draft.faults.map((fault) => (
                <li key={`${fault.file} ${fault.line} ${fault.message}`}>
                  <span className="mono">
                    {fault.file}:{fault.line ?? "?"}
                  </span>{" "}
                  {fault.message}
                </li>
              ))}
            </ul>
          </section>
        ) : (
          <VerdictOf title="The draft" verdict={draft} />
        )}
      </div>
    </div>
  );
}

function VerdictOf({ title, verdict }: { title: string; verdict: Verdict }) {
  return (
    <section aria-label={title}>
      <p className={css.line}>
        <strong>{title}</strong>{" "}
        {verdict.allowed ? (
          <Badge tone="green" icon={IconCircleCheck}>
            Allowed
          </Badge>
        ) : (
          <Badge tone="grey" icon={IconBan}>
            Denied
          </Badge>
        )}
      </p>
      <p>{verdict.because}</p>
      {verdict.words.map((it) => (
        <p key={it.id} className="dimmed">
          <span className="mono">
            {it.id} ({it.file}:{it.line})
          </span>
        </p>
      ))}
      {verdict.steps.map((step) => (
        <p key={step.name}>
          {step.needed === 1 ? "One" : step.needed} of {whoWords(step.who)}
        </p>
      ))}
    </section>
  );
}
