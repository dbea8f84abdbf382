"use client";

import "@/components/inputs.css";
import { Button, Textarea, TextInput } from "@mantine/core";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState, useTransition } from "react";
import css from "@/components/access/access.module.css";
import { ConfirmModal } from "@/components/confirm-modal";
import { numberWords } from "@/components/count";
import { ErrorNote } from "@/components/error-note";
import { Panel } from "@/components/panel";
import type { Refusal } from "@/lib/errors";
import { start } from "../actions";

type Props = {
  identity: { id: string; name: string };
  isMachine: boolean;
  /** How much of each goes, and is left behind. */
  goes: { accounts: number; grants: number; access: number; leftBehind: number };
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
  const all = goes.accounts + goes.grants + goes.access;
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
        <div className={css.stack}>
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
          title={isMachine ? `Retire ${identity.name}?` : `${identity.name} leaves?`}
          effects={effectsOf(goes, { isMachine, at })}
          mayBreak={
            asking === "emergency" && consumers > 0
              ? `${counted(consumers, "place calls", "places call")} with it, and will fail at once.`
              : undefined
          }
          {...(all >= typedFrom ? { typeToConfirm: identity.name } : {})}
          confirmLabel={all === 0 ? "Yes, shut the sign-in" : `Yes, take ${numberWords(all)}`}
        />
      ) : null}
    </Panel>
  );
}

function counted(count: number, one: string, many: string): string {
  return `${numberWords(count)} ${count === 1 ? one : many}`;
}

function effectsOf(goes: Props["goes"], { isMachine, at }: { isMachine: boolean; at: string }) {
  const { accounts, grants, access, leftBehind } = goes;
  const when = { detail: at === "" ? "beginning now" : at.replace("T", " ") };
  return [
    ...(accounts > 0 ? [{ what: `${counted(accounts, "account is", "accounts are")} shut`, ...when }] : []),
    ...(grants > 0 ? [{ what: `${counted(grants, "grant ends", "grants end")}` }] : []),
    ...(access > 0 ? [{ what: `${counted(access, "access is", "accesses are")} taken` }] : []),
    ...(isMachine ? [] : [{ what: "The sign-in here, its sessions and tokens end" }]),
    ...(leftBehind > 0
      ? [{ what: `${counted(leftBehind, "thing is", "things are")} left behind, to be decided on` }]
      : []),
  ];
}
