"use client";

import { Button } from "@mantine/core";
import { IconHandStop } from "@tabler/icons-react";
import type { Route } from "next";
import Link from "next/link";
import { useState, useTransition } from "react";
import access from "@/components/access/access.module.css";
import { ConfirmModal } from "@/components/confirm-modal";
import { numberWords } from "@/components/count";
import { ErrorNote } from "@/components/error-note";
import { Name } from "@/components/name";
import { Panel } from "@/components/panel";
import type { Refusal } from "@/lib/errors";
import type { HeldDecided, HeldRun } from "@/lib/offboarding/decide-held";
import { decideHeld } from "./actions";
import own from "./runs.module.css";
import { WhyInput } from "./why-input";

type Props = { runs: readonly HeldRun[]; count: number };
type Decision = "release" | "cancel";

const shown = 8;
const shownReasons = 3;

/** What the brake holds, to be decided on together. */
export function HeldRuns({ runs, count }: Props) {
  const [asking, setAsking] = useState<Decision | null>(null);
  const others = runs.filter((run) => !run.own);
  if (runs.length === 0) return null;
  const reasons = [...new Set(runs.map(({ because }) => because ?? "They wait for a person."))].slice(0, shownReasons);
  const more = count - Math.min(runs.length, shown);
  return (
    <Panel
      title={count === 1 ? "One run is held" : `${numberWords(count)} runs are held`}
      aside="nothing was taken yet"
      action={
        <span className={access.buttons}>
          <Button size="compact-sm" disabled={others.length === 0} onClick={() => setAsking("release")}>
            Let {numberWords(others.length)} go on…
          </Button>
          <Button
            size="compact-sm"
            variant="outline"
            className={access.destructive ?? ""}
            onClick={() => setAsking("cancel")}
          >
            Do none of them…
          </Button>
        </span>
      }
    >
      {reasons.map((because) => (
        <p key={because} className={own.held}>
          <IconHandStop size={16} aria-hidden /> {because}
        </p>
      ))}
      <ul className={own.heldRuns}>
        {runs.slice(0, shown).map((run) => (
          <li key={run.id}>
            <Link href={`/offboardings/${run.id}` as Route}>
              <span className="mono">O-{run.number}</span> <Name value={run.name} />
            </Link>
            {run.own ? <span className="dimmed"> ordered by you: somebody else lets it go on</span> : null}
          </li>
        ))}
        {more > 0 ? <li className="dimmed">and {numberWords(more)} more, in the list below</li> : null}
      </ul>
      {asking ? (
        <Ask
          key={asking}
          decision={asking}
          ids={(asking === "release" ? others : runs).map(({ id }) => id)}
          count={count}
          onClose={() => setAsking(null)}
        />
      ) : null}
    </Panel>
  );
}

type Asking = { decision: Decision; ids: readonly string[]; count: number; onClose: () => void };

function Ask({ decision, ids, count, onClose }: Asking) {
  const [reason, setReason] = useState("");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [answer, setAnswer] = useState<HeldDecided | null>(null);
  const [busy, startWork] = useTransition();
  const carryOut = () =>
    startWork(async () => {
      const said = await decideHeld({ ids: [...ids], decision, reason });
      if (!said.ok) setRefusal(said.refusal);
      else if (said.value.refused.length === 0) onClose();
      else setAnswer(said.value);
    });
  const isRelease = decision === "release";
  const number = ids.length === 1 ? "1 run" : `${numberWords(ids.length)} runs`;
  const rest = count > ids.length ? [{ what: `${numberWords(count - ids.length)} more stay held` }] : [];
  return (
    <ConfirmModal
      opened
      onClose={onClose}
      onConfirm={carryOut}
      busy={busy}
      title={isRelease ? `Let ${number} go on?` : `Do none of ${number}?`}
      effects={[
        isRelease
          ? { what: `${number} begin now, as ordered`, detail: "ways in are shut first" }
          : { what: `${number} never begin`, detail: "no system is touched" },
        ...rest,
      ]}
      {...(ids.length >= 10 ? { typeToConfirm: String(ids.length), typeLabel: "How many" } : {})}
      confirmLabel={isRelease ? `Let ${number} go on` : `Do none of ${number}`}
      destructive={isRelease}
      error={<Trouble refusal={refusal} answer={answer} />}
    >
      <WhyInput value={reason} onChange={setReason} />
    </ConfirmModal>
  );
}

function Trouble({ refusal, answer }: { refusal: Refusal | null; answer: HeldDecided | null }) {
  if (refusal) return <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} />;
  const [first] = answer?.refused ?? [];
  if (!answer || !first) return null;
  return (
    <ErrorNote
      title={`${numberWords(answer.done)} done, ${numberWords(answer.refused.length)} not`}
      remedy={first.message}
    />
  );
}
