"use client";

import { Isolated } from "@/components/isolated";
import "@/components/inputs.css";
import { Button, Checkbox, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { IconBan, IconCircleCheck } from "@tabler/icons-react";
import { type FormEvent, useEffect, useState, useTransition } from "react";
import css from "@/components/access/access.module.css";
import { ErrorNote } from "@/components/error-note";
import { Panel } from "@/components/panel";
import { Badge } from "@/components/status-badge";
import { SuggestIdentity, SuggestInput } from "@/components/suggest-input";
import type { Refusal } from "@/lib/errors";
import type { PolicyFile } from "@/lib/policies/schema";
import type { CatalogueEntry } from "@/lib/requests/catalogue-queries";
import { whoWords } from "@/lib/requests/labels";
import type { Simulation, Verdict } from "@/lib/requests/simulate-queries";
import { find, simulate } from "./actions";

const first = { requester: "", subject: "", connection: "", permission: "member", type: "role", resource: "" };
type Asked = typeof first;

/** Would this be allowed? By the policies in force, and by a draft of them. */
export function Simulate({ files, systems }: { files: PolicyFile[]; systems: readonly string[] }) {
  const [asked, setAsked] = useState(first);
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
        requester: asked.requester.trim(),
        subject: asked.subject.trim(),
        item: {
          connection: asked.connection.trim(),
          permission: asked.permission.trim(),
          resource: { type: asked.type.trim(), id: asked.resource.trim() },
        },
        duration: text("duration"),
        ...(drafting ? { files: draft } : {}),
      });
      setRefusal(done.ok ? null : done.refusal);
      setAnswer(done.ok ? done.value : null);
    });
  }
  const field = (name: keyof Asked) => ({
    value: asked[name],
    onChange: (value: string) => setAsked((now) => ({ ...now, [name]: value })),
  });
  return (
    <Panel title="Try it" aside="what would be decided, and why; changes nothing">
      <form onSubmit={ask} className={css.form}>
        <div className={css.fields}>
          <NativeSelect name="action" label="May somebody" data={[...actions]} />
          <SuggestIdentity label="Who" placeholder="Name, e-mail or id" required {...field("requester")} />
          <SuggestIdentity label="For whom" placeholder="Empty: themself" {...field("subject")} />
        </div>
        <div className={css.fields}>
          <SuggestInput
            label="System"
            required
            suggestions={systems.map((value) => ({ value }))}
            {...field("connection")}
          />
          <SuggestResource asked={asked} onChange={(part) => setAsked((now) => ({ ...now, ...part }))} />
          <TextInput
            label="Permission"
            required
            value={asked.permission}
            onChange={(event) => field("permission").onChange(event.currentTarget.value)}
          />
          <TextInput
            label="Kind of resource"
            required
            value={asked.type}
            onChange={(event) => field("type").onChange(event.currentTarget.value)}
          />
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

// What is chosen of the catalogue fills the fields beside it.
function SuggestResource({ asked, onChange }: { asked: Asked; onChange: (part: Partial<Asked>) => void }) {
  const { resource, connection } = asked;
  const [found, setFound] = useState<CatalogueEntry[]>([]);
  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(async () => {
      const inSystem = connection.trim() ? { connection: connection.trim() } : {};
      const answer = await find({ q: resource, limit: 20, ...inSystem });
      if (wanted && answer.ok) setFound(answer.value.items);
    }, 150);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [resource, connection]);
  return (
    <SuggestInput
      label="Resource"
      placeholder="A role, a table…"
      required
      value={resource}
      suggestions={found.map((entry) => ({ value: wordsOf(entry) }))}
      onChange={(value) => {
        const entry = found.find((it) => wordsOf(it) === value);
        if (!entry) return onChange({ resource: value });
        const { permission, resource: it } = entry;
        onChange({ connection: entry.connection.name, permission, type: it.type, resource: it.id });
      }}
    />
  );
}

function wordsOf({ permission, resource, connection }: CatalogueEntry): string {
  return `${permission} on ${resource.name} in ${connection.name}`;
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
