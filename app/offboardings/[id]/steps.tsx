"use client";

import { Button } from "@mantine/core";
import { useState } from "react";
import access from "@/components/access/access.module.css";
import { ActButton } from "@/components/act-button";
import { Panel } from "@/components/panel";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { stepKindLabels } from "@/lib/offboarding/labels";
import type { OffboardingDetail, OffboardingStepRow } from "@/lib/offboarding/queries";
import { decide } from "../actions";
import { DecideForm } from "./decide-form";
import css from "./run.module.css";

const firstShown = 100;
const urgent = ["resurrected", "needs_person", "failed"];

/** The receipt: what was ordered, acknowledged and proven, a row each; what needs somebody stands first. */
export function Steps({ run }: { run: OffboardingDetail }) {
  const [all, setAll] = useState(false);
  if (run.stepList.length === 0) return null;
  const rank = ({ state }: OffboardingStepRow) => (urgent.includes(state) ? 0 : 1);
  const sorted = [...run.stepList].sort((a, b) => rank(a) - rank(b));
  const shown = all ? sorted : sorted.slice(0, firstShown);
  return (
    <Panel title="Receipt" aside={`${run.gone} of ${run.steps} gone`} flush>
      <ul>
        {shown.map((step) => (
          <Step
            key={step.id}
            step={step}
            mayDecide={run.may.decide || (run.may.cancel && step.state === "resurrected")}
          />
        ))}
      </ul>
      {shown.length < sorted.length ? (
        <p className={access.note}>
          <Button size="compact-sm" variant="default" onClick={() => setAll(true)}>
            Show all {sorted.length}
          </Button>
        </p>
      ) : null}
    </Panel>
  );
}

function Step({ step, mayDecide }: { step: OffboardingStepRow; mayDecide: boolean }) {
  const [deciding, setDeciding] = useState(false);
  const stuck = urgent.includes(step.state);
  return (
    <li className={css.step}>
      <div className={css.line}>
        <StatusBadge of="offboardingStep" state={step.state} />
        <span className={css.grow}>
          <span className="dimmed">{stepKindLabels[step.kind]}</span> <bdi>{step.name}</bdi>
        </span>
        <span className="dimmed">{when(step)}</span>
      </div>
      {step.lastError && stuck ? (
        <div className={css.trouble}>
          <bdi>{step.lastError.message}</bdi>. <bdi>{step.lastError.remedy}</bdi>
          {step.nextTryAt ? (
            <>
              {" "}
              {step.attempts} tries; the next <Time at={step.nextTryAt} />.
            </>
          ) : null}
        </div>
      ) : null}
      {step.words ? (
        <div className={css.detail}>
          <bdi>{step.wordsBy}</bdi>: <bdi>{step.words}</bdi>
          {step.keptUntil ? (
            <>
              {" "}
              Until <Time at={step.keptUntil} as="date" />.
            </>
          ) : null}
        </div>
      ) : null}
      {step.detail ? (
        <div className={css.detail}>
          <bdi>{step.detail}</bdi>
        </div>
      ) : null}
      {step.outlives.map((it) => (
        <div key={it.what} className={css.detail}>
          Lives on: <bdi>{it.what}</bdi>
          {it.until ? (
            <>
              , until <Time at={it.until} as="full" /> at the latest
            </>
          ) : null}
        </div>
      ))}
      {stuck && mayDecide ? (
        <div className={access.buttons}>
          <ActButton act={decide} input={{ id: step.id, decision: "retry" as const }} name={`Try ${step.name} again`}>
            Try again now
          </ActButton>
          <Button size="compact-sm" variant="subtle" onClick={() => setDeciding(!deciding)} aria-expanded={deciding}>
            Done by hand, or kept…
          </Button>
        </div>
      ) : null}
      {deciding && stuck ? <DecideForm id={step.id} onDone={() => setDeciding(false)} /> : null}
    </li>
  );
}

function when(step: OffboardingStepRow) {
  if (step.verifiedAt)
    return (
      <>
        proven <Time at={step.verifiedAt} as="clock" />
      </>
    );
  if (step.acknowledgedAt)
    return (
      <>
        done <Time at={step.acknowledgedAt} as="clock" />
      </>
    );
  if (step.notBefore && step.state === "planned")
    return (
      <>
        on <Time at={step.notBefore} as="date" />
      </>
    );
  return step.orderedAt ? (
    <>
      ordered <Time at={step.orderedAt} as="clock" />
    </>
  ) : (
    "ordered"
  );
}
