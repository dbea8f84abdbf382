"use client";

import "@/components/inputs.css";
import { TextInput } from "@mantine/core";
import { useEffect, useState, useTransition } from "react";
import { ConfirmModal } from "@/components/confirm-modal";
import { ErrorNote } from "@/components/error-note";
import type { Refusal } from "@/lib/errors";
import type { RevokePreview } from "@/lib/grants/revoke-preview-queries";
import { goes, revokeMany } from "./actions";

type Props = { ids: string[]; name?: string; onClose: () => void; onDone: () => void };

/** What goes if these grants end now; from Admin or ten grants up the number is typed first. */
export function RevokeModal({ ids, name, onClose, onDone }: Props) {
  const [preview, setPreview] = useState<RevokePreview | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [reason, setReason] = useState("");
  const [busy, startWork] = useTransition();
  const key = ids.join();
  useEffect(() => {
    let asked = true;
    goes({ ids: key.split(",") }).then((answer) => {
      if (!asked) return;
      if (answer.ok) setPreview(answer.value);
      else setRefusal(answer.refusal);
    });
    return () => {
      asked = false;
    };
  }, [key]);

  function carryOut() {
    startWork(async () => {
      const answer = await revokeMany({ ids, reason });
      if (!answer.ok) return setRefusal(answer.refusal);
      const [first] = answer.value.refused;
      if (!first) return onDone();
      setRefusal({
        code: "conflict",
        message: `${answer.value.ended} ended, ${answer.value.refused.length} not: ${first.message}`,
      });
    });
  }

  const many = (count: number, one: string, more: string) => (count === 1 ? `1 ${one}` : `${count} ${more}`);
  const ends = preview?.ends ?? 0;
  const mighty = preview !== null && (preview.privilege >= 3 || ends >= 10);
  return (
    <ConfirmModal
      opened
      onClose={onClose}
      onConfirm={carryOut}
      busy={busy || preview === null}
      destructive
      title={`End ${name ?? many(ids.length, "grant", "grants")} now?`}
      effects={preview ? effectsOf(preview) : []}
      typeToConfirm={mighty ? `revoke ${ends}` : undefined}
      typeLabel={`Type “revoke ${ends}” to go on`}
      confirmLabel={preview === null ? "Counting…" : `Revoke ${ends}`}
      error={
        refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null
      }
    >
      {preview === null && refusal === null ? <p role="status">Counting what goes…</p> : null}
      <TextInput
        label="Why"
        description="Stands on the receipt; whoever held it is told."
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={1_000}
        mb="sm"
      />
    </ConfirmModal>
  );

  function effectsOf(it: RevokePreview) {
    return [
      {
        what: `${many(it.ends, "grant", "grants")} of ${many(it.holders, "holder", "holders")} ${it.ends === 1 ? "ends" : "end"}`,
        detail: it.systems.join(", "),
      },
      ...(it.accounts > 0
        ? [{ what: many(it.accounts, "short-lived account goes", "short-lived accounts go"), detail: "logins refused" }]
        : []),
      { what: "Open sessions that depend on them are cut" },
      ...(it.kept > 0
        ? [{ what: `${it.kept} of them take nothing`, detail: "another grant or rule keeps the access" }]
        : []),
      ...(it.left > 0
        ? [
            {
              what: it.left === 1 ? "1 stays as it is" : `${it.left} stay as they are`,
              detail: "over already, or not yours to end",
            },
          ]
        : []),
    ];
  }
}
