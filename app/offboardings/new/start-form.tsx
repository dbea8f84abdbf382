"use client";

import "@/components/inputs.css";
import { Button, Textarea, TextInput } from "@mantine/core";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState, useTransition } from "react";
import css from "@/components/access/access.module.css";
import { ConfirmModal } from "@/components/confirm-modal";
import { ErrorNote } from "@/components/error-note";
import { Panel } from "@/components/panel";
import type { Refusal } from "@/lib/errors";
import { start } from "../actions";

type Props = {
  identity: { id: string; name: string };
  isMachine: boolean;
  goes: number;
  consumers: number;
  run: { id: string; number: number } | null;
};

// From so many on, the name is typed before the button works.
const typedFrom = 10;

/** Starts the run, now or at a time, after saying once more what goes. */
export function StartForm({ identity, isMachine, goes, consumers, run }: Props) {
  const router = useRouter();
  const [at, setAt] = useState("");
  const [reason, setReason] = useState("");
  const [hold, setHold] = useState("30");
  const [announce, setAnnounce] = useState("7");
  const [asking, setAsking] = useState<"now" | "emergency" | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();
  if (run) {
    return (
      <Panel title="Leaving already">
        <Link href={`/offboardings/${run.id}` as Route}>O-{run.number} is under way</Link>
      </Panel>
    );
  }

  function carryOut() {
    startWork(async () => {
      const answer = await start({
        identity: identity.id,
        reason,
        at: at === "" ? null : new Date(at).toISOString(),
        holdDays: hold.trim() === "" ? null : Number(hold),
        announceDays: Number(announce) || 0,
        emergency: asking === "emergency",
      });
      if (answer.ok) return router.push(`/offboardings/${answer.value.id}`);
      setAsking(null);
      setRefusal(answer.refusal);
    });
  }

  return (
    <Panel title="Start it">
      <div className={css.form}>
        <Textarea
          label="Why"
          rows={2}
          value={reason}
          maxLength={1_000}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <div className={css.two}>
          <TextInput
            type="datetime-local"
            label="When"
            description="Empty: now."
            value={at}
            onChange={(event) => setAt(event.currentTarget.value)}
          />
          <TextInput
            inputMode="numeric"
            label="Days until the accounts are deleted"
            description="They are shut at once. Empty: never deleted."
            value={hold}
            onChange={(event) => setHold(event.currentTarget.value)}
          />
          {isMachine ? (
            <TextInput
              inputMode="numeric"
              label="Days until it is shut"
              description="Its owners are told now."
              value={announce}
              onChange={(event) => setAnnounce(event.currentTarget.value)}
            />
          ) : null}
        </div>
        {refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null}
        <div className={css.buttons}>
          <Button color="red" onClick={() => setAsking("now")}>
            {isMachine ? "Retire…" : "Start the leaving…"}
          </Button>
          {isMachine ? (
            <Button variant="outline" className={css.destructive ?? ""} onClick={() => setAsking("emergency")}>
              Shut it now, tell nobody first…
            </Button>
          ) : null}
        </div>
      </div>
      {asking ? (
        <ConfirmModal
          opened
          onClose={() => setAsking(null)}
          onConfirm={carryOut}
          busy={busy}
          destructive
          title={`${identity.name} leaves?`}
          effects={[
            {
              what: `${goes} accounts, grants and accesses go`,
              detail: at === "" ? "beginning now" : at.replace("T", " "),
            },
            { what: "The sign-in here, its sessions and tokens end" },
          ]}
          mayBreak={
            asking === "emergency" && consumers > 0
              ? `${consumers} places call with it, and will fail at once.`
              : undefined
          }
          {...(goes >= typedFrom ? { typeToConfirm: identity.name } : {})}
          confirmLabel={`Yes, take ${goes}`}
        />
      ) : null}
    </Panel>
  );
}
