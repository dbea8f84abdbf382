"use client";

import { Button } from "@mantine/core";
import { useState, useTransition } from "react";
import css from "@/components/access/access.module.css";
import { ConfirmModal } from "@/components/confirm-modal";
import { ErrorNote } from "@/components/error-note";
import { Isolated } from "@/components/isolated";
import { Time } from "@/components/time";
import type { Refusal } from "@/lib/errors";
import type { RehireRow } from "@/lib/offboarding/rehire-queries";
import { cancel, dismiss } from "../actions";
import { WhyInput } from "../why-input";

type Props = { id: string; name: string; rehires: readonly RehireRow[]; mayDecide: boolean };

/** A source shows somebody as active again who left: who says so since when, and what a person said to it. */
export function HiredAgain({ id, name, rehires, mayDecide }: Props) {
  const [first] = rehires;
  if (!first) return null;
  if (first.state !== "open") return <Answered rehire={first} />;
  return (
    <section className={css.warning} aria-label="Hired again?">
      <div className={css.stack}>
        <p>
          <strong>
            Was <Isolated value={name} /> hired again?
          </strong>{" "}
          <Isolated value={first.source.name} /> shows <Isolated value={first.account} /> as active again since{" "}
          <Time at={first.since} as="full" />. Nobody is let in by that alone.
        </p>
        {mayDecide ? <Answers id={id} rehire={first} /> : <p>Somebody who may have people leave says so.</p>}
      </div>
    </section>
  );
}

function Answered({ rehire: { source, account, since, state, decidedBy, decidedAt, words } }: { rehire: RehireRow }) {
  if (state === "withdrawn" || decidedAt === null) return null;
  return (
    <p className="dimmed">
      <Isolated value={source.name} /> showed <Isolated value={account} /> as active again since <Time at={since} />.{" "}
      {state === "dismissed" ? "Not hired again" : "Let in again"}, said <Isolated value={decidedBy} />,{" "}
      <Time at={decidedAt} />: <Isolated value={words} />
    </p>
  );
}

const effects = {
  back: [
    { what: "Accounts that are still there are let in again" },
    { what: "What was taken stays taken: they ask for what they need" },
  ],
  wrong: [{ what: "They stay out, and the same is not asked again" }],
};

function Answers({ id, rehire }: { id: string; rehire: RehireRow }) {
  const [asking, setAsking] = useState<"back" | "wrong" | null>(null);
  const [reason, setReason] = useState("");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();
  const ask = (answer: "back" | "wrong") => {
    setReason(answer === "back" ? `${rehire.source.name} shows ${rehire.account} as active again` : "");
    setRefusal(null);
    setAsking(answer);
  };
  const carryOut = () =>
    startWork(async () => {
      const answer = asking === "wrong" ? await dismiss({ id, reason }) : await cancel({ id, reason, why: "rehired" });
      if (answer.ok) setAsking(null);
      else setRefusal(answer.refusal);
    });
  return (
    <>
      <div className={css.buttons}>
        <Button size="compact-sm" variant="default" onClick={() => ask("back")}>
          They are back…
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => ask("wrong")}>
          The source is wrong…
        </Button>
      </div>
      {asking ? (
        <ConfirmModal
          opened
          onClose={() => setAsking(null)}
          onConfirm={carryOut}
          busy={busy}
          title={asking === "back" ? "Hired again?" : "Not hired again?"}
          effects={effects[asking]}
          confirmLabel={asking === "back" ? "Let them in again" : "They stay out"}
          error={
            refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null
          }
        >
          <WhyInput value={reason} onChange={setReason} />
        </ConfirmModal>
      ) : null}
    </>
  );
}
