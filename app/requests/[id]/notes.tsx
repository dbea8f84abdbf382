"use client";

import { Button, Textarea } from "@mantine/core";
import { Isolated } from "@/components/isolated";
import { Quote } from "@/components/quote";
import "@/components/inputs.css";
import { useState, useTransition } from "react";
import css from "@/components/access/access.module.css";
import { ErrorNote } from "@/components/error-note";
import { Panel } from "@/components/panel";
import { Time } from "@/components/time";
import type { Refusal } from "@/lib/errors";
import type { RequestDetail } from "@/lib/requests/request-queries";
import { answer } from "../actions";

/** What was said between whoever asks and whoever decides; a question is answered here. */
export function Notes({ request }: { request: RequestDetail }) {
  const { id, notes, may, awaitsAnswer } = request;
  if (notes.length === 0 && !may.answer) return null;
  return (
    <Panel title="Said" aside={awaitsAnswer ? "a question waits for its answer" : undefined}>
      <div className={css.form}>
        {notes.map((note) => (
          <div key={`${note.at} ${note.by}`}>
            <p>
              <strong>
                <Isolated value={note.by} />
              </strong>{" "}
              <span className="dimmed">
                <Time at={note.at} />
              </span>
            </p>
            <Quote value={note.text} />
          </div>
        ))}
        {may.answer ? <Answer id={id} asked={awaitsAnswer} /> : null}
      </div>
    </Panel>
  );
}

function Answer({ id, asked }: { id: string; asked: boolean }) {
  const [text, setText] = useState("");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();
  const send = () =>
    startWork(async () => {
      const done = await answer({ id, text });
      setRefusal(done.ok ? null : done.refusal);
      if (done.ok) setText("");
    });
  return (
    <div className={css.form}>
      <Textarea
        label={asked ? "Your answer" : "Say something"}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        autosize={false}
        rows={2}
        maxLength={4_000}
      />
      {refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null}
      <div className={css.buttons}>
        <Button variant={asked ? "filled" : "default"} onClick={send} loading={busy} disabled={text.trim() === ""}>
          {asked ? "Answer" : "Say it"}
        </Button>
      </div>
    </div>
  );
}
