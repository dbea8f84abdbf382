"use client";

import "@/components/inputs.css";
import "@/components/dialogs.css";
import "@mantine/core/styles/FloatingIndicator.layer.css";
import "@mantine/core/styles/SegmentedControl.layer.css";
import { Button, Modal, NativeSelect, SegmentedControl } from "@mantine/core";
import { useState, useTransition } from "react";
import { ErrorNote } from "@/components/error-note";
import { IdentityPicker, type Picked } from "@/components/identity-picker";
import { Name } from "@/components/name";
import type { IdentityKind } from "@/lib/connectors/schema";
import type { Refusal } from "@/lib/errors";
import type { AccountRow } from "@/lib/inventory/account-list-queries";
import { kindLabels } from "@/lib/inventory/labels";
import { matchAccountAction } from "./actions";
import css from "./match-modal.module.css";

type Way = "existing" | "new" | "nobody";

/** Says whose an account is: an identity there is, a new one, or nobody's. */
export function MatchModal({ row, onClose }: { row: AccountRow; onClose: () => void }) {
  const [way, setWay] = useState<Way>("existing");
  const [picked, setPicked] = useState<Picked | null>(null);
  const [kind, setKind] = useState<IdentityKind>(row.kindHint ?? "service_account");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, start] = useTransition();
  const to = way === "existing" ? picked?.id : way;
  const submit = () =>
    start(async () => {
      if (!to) return;
      const answer = await matchAccountAction({ accountId: row.id, to, ...(way === "new" ? { kind } : {}) });
      if (answer.ok) onClose();
      else setRefusal(answer.refusal);
    });
  return (
    <Modal opened onClose={onClose} title="Whose account is this?" centered size={460}>
      <p className={css.account}>
        <Name value={row.name} mono strong /> in <Name value={row.connection.name} mono />
        {row.email ? (
          <>
            , <Name value={row.email} />
          </>
        ) : null}
      </p>
      <SegmentedControl
        fullWidth
        aria-label="Whose"
        value={way}
        onChange={(value) => setWay(value as Way)}
        data={[
          { value: "existing", label: "An identity" },
          { value: "new", label: "A new identity" },
          ...(row.identity ? [{ value: "nobody", label: "Nobody's" }] : []),
        ]}
        mb="md"
      />
      {way === "existing" ? <IdentityPicker label="Identity" picked={picked} onPick={setPicked} /> : null}
      {way === "new" ? (
        <NativeSelect
          label="Kind"
          size="xs"
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value as IdentityKind)}
          data={Object.entries(kindLabels).map(([value, label]) => ({ value, label }))}
        />
      ) : null}
      {refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null}
      <p className={css.hint}>A later sync does not change what you say here.</p>
      <div className={css.buttons}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button onClick={submit} loading={busy} disabled={!to}>
          {way === "existing"
            ? picked
              ? "Match it"
              : "Choose one first"
            : way === "new"
              ? "Make an identity"
              : "Unmatch it"}
        </Button>
      </div>
    </Modal>
  );
}
