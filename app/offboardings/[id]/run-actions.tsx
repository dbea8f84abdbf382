"use client";

import { Button } from "@mantine/core";
import { useState, useTransition } from "react";
import access from "@/components/access/access.module.css";
import { ConfirmModal } from "@/components/confirm-modal";
import { ErrorNote } from "@/components/error-note";
import type { Refusal } from "@/lib/errors";
import type { OffboardingDetail } from "@/lib/offboarding/queries";
import type { RunKind } from "@/lib/offboarding/schema";
import { cancel, release } from "../actions";
import { WhyInput } from "../why-input";

type Props = { id: string; may: OffboardingDetail["may"]; kind: RunKind; begun: boolean };
type Act = "false_alarm" | "rehired" | "release";

/** Undo the run, or let it go on where the brake holds it. */
export function RunActions({ id, may, kind, begun }: Props) {
  const [asking, setAsking] = useState<Act | null>(null);
  const back = !begun
    ? "Do not do it…"
    : { machine: "Bring it back…", person: "False alarm…", mover: "They keep it all…" }[kind];
  return (
    <>
      {may.release ? (
        <Button size="compact-sm" onClick={() => setAsking("release")}>
          Let it go on…
        </Button>
      ) : null}
      {may.cancel ? (
        <Button
          size="compact-sm"
          variant="outline"
          className={access.destructive ?? ""}
          onClick={() => setAsking("false_alarm")}
        >
          {back}
        </Button>
      ) : null}
      {may.rehire ? (
        <Button size="compact-sm" variant="default" onClick={() => setAsking("rehired")}>
          Hired again…
        </Button>
      ) : null}
      {asking ? (
        <Ask id={id} act={asking} words={wordsOf(asking, { kind, begun })} onClose={() => setAsking(null)} />
      ) : null}
    </>
  );
}

type Words = { title: string; label: string; effects: readonly { what: string }[] };

function wordsOf(act: Act, { kind, begun }: Pick<Props, "kind" | "begun">): Words {
  if (act === "release") {
    return { title: "Let this run go on?", label: "Let it go on", effects: [{ what: "It begins now, as ordered" }] };
  }
  if (act === "rehired") {
    return {
      title: "Hired again?",
      label: "Let them in again",
      effects: [
        { what: "Accounts that are still there are let in again" },
        { what: "What was taken stays taken: they ask for what they need" },
      ],
    };
  }
  if (!begun) {
    return {
      title: "Do not do it?",
      label: "Do not do it",
      effects: [{ what: "Nothing was taken yet: no system is touched" }],
    };
  }
  if (kind === "mover") {
    return {
      title: "Do they keep all of it?",
      label: "They keep it",
      effects: [
        { what: "Nothing ends because of this move; what was taken is given back" },
        { what: "Grants that ended stay ended" },
      ],
    };
  }
  return {
    title: kind === "machine" ? "Bring it back?" : "Was it a false alarm?",
    label: kind === "machine" ? "Bring it back" : "Undo it",
    effects: [
      { what: "Accounts are let in again, and what was taken is given back" },
      { what: "Grants, sessions and tokens stay ended" },
    ],
  };
}

function Ask({ id, act, words, onClose }: { id: string; act: Act; words: Words; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();
  const { title, label, effects } = words;
  const carryOut = () =>
    startWork(async () => {
      const answer = act === "release" ? await release({ id, reason }) : await cancel({ id, reason, why: act });
      if (answer.ok) onClose();
      else setRefusal(answer.refusal);
    });
  return (
    <ConfirmModal
      opened
      onClose={onClose}
      onConfirm={carryOut}
      busy={busy}
      title={title}
      effects={effects}
      confirmLabel={label}
      error={
        refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null
      }
    >
      <WhyInput value={reason} onChange={setReason} />
    </ConfirmModal>
  );
}
