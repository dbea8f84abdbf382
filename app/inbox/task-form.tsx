"use client";

import { Isolated } from "@/components/isolated";
import "@/components/inputs.css";
import { Button, Textarea } from "@mantine/core";
import type { Route } from "next";
import Link from "next/link";
import { useState, useTransition } from "react";
import css from "@/components/access/access.module.css";
import { accessWords } from "@/components/access/duration-words";
import { ErrorNote } from "@/components/error-note";
import { Panel } from "@/components/panel";
import { Time } from "@/components/time";
import type { Refusal } from "@/lib/errors";
import type { HandTaskRow } from "@/lib/grants/queries";
import { completeTask } from "./actions";

/** What a person does in a system that no connector changes; done only with evidence. */
export function TaskForm({ task }: { task: HandTaskRow }) {
  const [evidence, setEvidence] = useState("");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();
  const done = () =>
    startWork(async () => {
      const answer = await completeTask({ id: task.id, evidence });
      setRefusal(answer.ok ? null : answer.refusal);
    });
  const verb = task.kind === "give" ? "Give" : "Take away";
  return (
    <Panel title={`${verb} by hand in ${task.connection}`} aside={<Time at={task.askedAt} />}>
      <div className={css.form}>
        <p>
          <Link href={`/grants/${task.grantId}` as Route}>
            <Isolated value={accessWords(task)} />
          </Link>
          , {task.kind === "give" ? "to" : "from"} <Isolated value={task.subject} />
          {task.account ? (
            <>
              {" "}
              (account <Isolated mono value={task.account} />)
            </>
          ) : null}
        </p>
        <Textarea
          label="What you did, and where it can be seen"
          rows={2}
          maxLength={4_000}
          value={evidence}
          onChange={(event) => setEvidence(event.currentTarget.value)}
          error={refusal?.field === "evidence" ? refusal.message : undefined}
        />
        {refusal && refusal.field !== "evidence" ? (
          <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} />
        ) : null}
        <div className={css.buttons}>
          <Button variant="default" onClick={done} loading={busy}>
            {task.kind === "give" ? "It is given" : "It is taken"}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
