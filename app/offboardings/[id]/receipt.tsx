"use client";

import { Button } from "@mantine/core";
import type { Route } from "next";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import access from "@/components/access/access.module.css";
import { ActButton } from "@/components/act-button";
import { numberWords } from "@/components/count";
import { Isolated } from "@/components/isolated";
import { Panel } from "@/components/panel";
import { PlainTable } from "@/components/plain-table";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { stepKindLabels } from "@/lib/offboarding/labels";
import type { OffboardingDetail, OffboardingStepRow } from "@/lib/offboarding/queries";
import { decide } from "../actions";
import { tookWords } from "../span-words";
import { useFolded } from "../use-folded";
import { DecideForm } from "./decide-form";
import css from "./run.module.css";

const firstShown = 100;
const urgent = ["resurrected", "needs_person", "failed"];

type Props = { run: OffboardingDetail; mayReadRecord: boolean };

/** Every path, a row each: when it was ordered, done, read back and probed. What needs somebody stands first. */
export function Receipt({ run, mayReadRecord }: Props) {
  const rank = ({ state }: OffboardingStepRow) => (urgent.includes(state) ? 0 : 1);
  const { shown, more } = useFolded(
    [...run.stepList].sort((a, b) => rank(a) - rank(b)),
    firstShown,
  );
  if (run.stepList.length === 0) return null;
  const story = `/activity/story?of=offboarding:${run.id}` as Route;
  return (
    <div id="receipt" className={css.receipt}>
      <Panel
        title="Receipt"
        aside={`${numberWords(run.stepList.length)} ${run.stepList.length === 1 ? "line" : "lines"}, times since the order`}
        action={
          <span className={css.links}>
            <a href={`/offboardings/${run.id}/receipt?format=json`} download>
              Receipt with proofs
            </a>
            <a href={`/offboardings/${run.id}/receipt?format=csv`} download>
              CSV
            </a>
            {mayReadRecord ? <Link href={story}>Its whole story</Link> : null}
          </span>
        }
        flush
      >
        <PlainTable
          label="Receipt"
          columns={[
            { key: "what", label: "What", quiet: true },
            { key: "ordered", label: "Ordered", keep: true },
            { key: "done", label: "Done", keep: true },
            { key: "readBack", label: "Read back", keep: true },
            { key: "probed", label: "Probed", keep: true },
            { key: "result", label: "Result", keep: true },
            { key: "event", label: "Event", end: true, keep: true },
          ]}
          rows={shown.map((step) => ({ key: step.id, cells: cellsOf(step, run, mayReadRecord) }))}
        />
        {more}
      </Panel>
    </div>
  );
}

function cellsOf(step: OffboardingStepRow, run: OffboardingDetail, mayRead: boolean): Record<string, ReactNode> {
  const mayDecide = run.may.decide || (run.may.cancel && step.state === "resurrected");
  return {
    what: <Path step={step} mayDecide={mayDecide} isMover={run.kind === "mover"} />,
    ordered: since(run, step.orderedAt),
    done: since(run, step.acknowledgedAt),
    readBack: since(run, step.verifiedAt),
    probed: <Probe step={step} />,
    result: <Result step={step} isMover={run.kind === "mover"} />,
    event: <EventLink event={step.event} mayRead={mayRead} />,
  };
}

// What a mover had ends later, or at a word before: there it is counted from when the move was seen.
function since({ kind, createdAt, shutAt }: OffboardingDetail, at: Date | null): ReactNode {
  if (at === null) return null;
  const from = kind === "mover" ? createdAt : shutAt;
  const took = tookWords(Math.max(0, at.getTime() - from.getTime()));
  return (
    <time className="mono" dateTime={at.toISOString()}>
      +{took}
    </time>
  );
}

function Probe({ step }: { step: OffboardingStepRow }) {
  if (step.signIn === null) return null;
  return step.signIn === "refused" ? "sign-in refused" : <span className="dimmed">not tried</span>;
}

function Result({ step, isMover }: { step: OffboardingStepRow; isMover: boolean }) {
  const { state, notBefore, keptUntil } = step;
  return (
    <StatusBadge of="offboardingStep" state={state}>
      {state === "planned" && notBefore ? (
        <span>
          {isMover ? (keptUntil ? "Kept until" : "Ends") : "On"} <Time at={notBefore} as="date" />
        </span>
      ) : undefined}
    </StatusBadge>
  );
}

function EventLink({ event, mayRead }: { event: OffboardingStepRow["event"]; mayRead: boolean }) {
  if (event === null) return null;
  const number = <span className="mono">{numberWords(event.number)}</span>;
  return mayRead ? <Link href={`/activity?event=${event.id}` as Route}>{number}</Link> : number;
}

function Path({ step, mayDecide, isMover }: { step: OffboardingStepRow; mayDecide: boolean; isMover: boolean }) {
  const name = (
    <>
      <span className="dimmed">{stepKindLabels[step.kind]}</span> <Isolated value={step.name} />
    </>
  );
  return (
    <div className={css.path}>
      {step.detail ? (
        <details className={css.more}>
          <summary>{name}</summary>
          <p className={css.detail}>
            <Isolated value={step.detail} />
          </p>
        </details>
      ) : (
        <span>{name}</span>
      )}
      <Words step={step} />
      {step.outlives.map((it) => (
        <p key={it.what} className={css.outlives}>
          Lives on: <Isolated value={it.what} />
          {it.until ? (
            <>
              , until <Time at={it.until} as="full" /> at the latest
            </>
          ) : null}
        </p>
      ))}
      {urgent.includes(step.state) ? <Stuck step={step} mayDecide={mayDecide} /> : null}
      {isMover && mayDecide && step.state === "planned" ? <Ending step={step} /> : null}
    </div>
  );
}

function Words({ step }: { step: OffboardingStepRow }) {
  if (!step.words) return null;
  return (
    <p className={css.detail}>
      <Isolated value={step.wordsBy} />: <Isolated value={step.words} />
      {step.keptUntil ? (
        <>
          . Until <Time at={step.keptUntil} as="date" />.
        </>
      ) : null}
    </p>
  );
}

// Either manager says what stays; what nobody speaks for ends at its time.
function Ending({ step }: { step: OffboardingStepRow }) {
  const [keeping, setKeeping] = useState(false);
  return (
    <>
      <div className={access.buttons}>
        <Button size="compact-sm" variant="default" onClick={() => setKeeping(!keeping)} aria-expanded={keeping}>
          Keep it…<span className="unseen"> {step.name}</span>
        </Button>
        <ActButton act={decide} input={{ id: step.id, decision: "end" as const }} name={`End ${step.name} now`}>
          End it now
        </ActButton>
      </div>
      {keeping ? <DecideForm id={step.id} only="keep" onDone={() => setKeeping(false)} /> : null}
    </>
  );
}

function Stuck({ step, mayDecide }: { step: OffboardingStepRow; mayDecide: boolean }) {
  const [deciding, setDeciding] = useState(false);
  return (
    <>
      {step.lastError ? (
        <p className={css.failure}>
          <Isolated value={step.lastError.message} />. <Isolated value={step.lastError.remedy} />
          {step.nextTryAt ? (
            <>
              {" "}
              Tried {step.attempts} {step.attempts === 1 ? "time" : "times"}; again <Time at={step.nextTryAt} />.
            </>
          ) : null}
        </p>
      ) : null}
      {mayDecide ? (
        <div className={access.buttons}>
          <ActButton act={decide} input={{ id: step.id, decision: "retry" as const }} name={`Try ${step.name} again`}>
            Try again now
          </ActButton>
          <Button size="compact-sm" variant="subtle" onClick={() => setDeciding(!deciding)} aria-expanded={deciding}>
            {step.back ? "Done by hand…" : "Done by hand, or kept…"}
          </Button>
        </div>
      ) : null}
      {deciding ? (
        <DecideForm id={step.id} {...(step.back ? { only: "by_hand" } : {})} onDone={() => setDeciding(false)} />
      ) : null}
    </>
  );
}
