"use client";

import { Isolated } from "@/components/isolated";
import "@/components/inputs.css";
import "@/components/dialogs.css";
import { Button, Modal, NativeSelect, Textarea } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useEffect, useState, useTransition } from "react";
import { numberWords } from "@/components/count";
import { ErrorNote } from "@/components/error-note";
import { IdentityPicker, type Picked } from "@/components/identity-picker";
import type { Refusal } from "@/lib/errors";
import type { EditPreview } from "@/lib/inventory/identity-edit-queries";
import { criticalityLabels, environmentLabels, kindLabels } from "@/lib/inventory/labels";
import type { IdentityChange } from "@/lib/inventory/schema";
import { editIdentitiesAction, previewIdentityEditAction } from "./actions";
import css from "./bulk-edit.module.css";

export type EditedField = keyof IdentityChange;

const words = {
  ownerId: "owner",
  backupOwnerId: "backup owner",
  purpose: "purpose",
  environment: "environment",
  criticality: "criticality",
  kind: "kind",
} as const satisfies Record<EditedField, string>;

type Props = { field: EditedField; ids: readonly string[]; onClose: () => void; onDone: () => void };

/** Choosing a value for all of them, what that will replace, and doing it. */
export function BulkEditModal({ field, ids, onClose, onDone }: Props) {
  const [change, setChange] = useState<IdentityChange | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, start] = useTransition();
  const { preview, refused, again } = usePreview(ids, change);
  const shown = refusal ?? refused;
  const submit = () =>
    start(async () => {
      if (!change || !preview) return;
      const answer = await editIdentitiesAction({ ids: [...ids], change, version: preview.version });
      if (answer.ok) return onDone();
      setRefusal(answer.refusal);
      again();
    });
  const many = ids.length === 1 ? "1 identity" : `${numberWords(ids.length)} identities`;
  return (
    <Modal opened onClose={onClose} title={`Set the ${words[field]} of ${many}`} centered size={460}>
      <ValueChoice
        field={field}
        onChange={(next) => {
          setRefusal(null);
          setChange(next);
        }}
      />
      {preview ? (
        <ul className={css.effects} aria-label="What this will do">
          {preview.effects.map((effect) => (
            <li key={effect.what}>
              <IconPencil size={16} stroke={1.7} aria-hidden />
              <span className={css.what}>
                <Isolated value={effect.what} />
              </span>
              <span className="dimmed">{effect.detail}</span>
            </li>
          ))}
          {preview.unchanged > 0 ? (
            <li className="dimmed">
              {numberWords(preview.unchanged)} stay as they are: it is so already, or they are people
            </li>
          ) : null}
        </ul>
      ) : null}
      {shown ? <ErrorNote title={shown.message} remedy={shown.remedy} reference={shown.reference} /> : null}
      <div className={css.buttons}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button onClick={submit} loading={busy} disabled={!preview || preview.changes === 0}>
          {preview ? `Set ${words[field]}, change ${numberWords(preview.changes)}` : `Set ${words[field]}`}
        </Button>
      </div>
    </Modal>
  );
}

function usePreview(ids: readonly string[], change: IdentityChange | null) {
  const [preview, setPreview] = useState<EditPreview | null>(null);
  const [refused, setRefused] = useState<Refusal | null>(null);
  const [round, setRound] = useState(0);
  const key = ids.join();
  useEffect(() => {
    setPreview(null);
    setRefused(null);
    if (!change || round < 0) return;
    let current = true;
    const timer = setTimeout(async () => {
      const answer = await previewIdentityEditAction({ ids: key.split(","), change });
      if (!current) return;
      if (answer.ok) setPreview(answer.value);
      else setRefused(answer.refusal);
    }, 200);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [key, change, round]);
  return { preview, refused, again: () => setRound((count) => count + 1) };
}

function ValueChoice({ field, onChange }: { field: EditedField; onChange: (change: IdentityChange | null) => void }) {
  const [picked, setPicked] = useState<Picked | null>(null);
  if (field === "purpose")
    return (
      <Textarea
        label="What it is for"
        placeholder="Nightly invoice export to finance"
        maxLength={500}
        autosize
        minRows={2}
        data-autofocus
        onChange={(event) => onChange({ purpose: event.currentTarget.value.trim() || null })}
      />
    );
  if (field === "ownerId" || field === "backupOwnerId")
    return (
      <IdentityPicker
        label={field === "ownerId" ? "Owner" : "Backup owner"}
        people
        picked={picked}
        onPick={(next) => {
          setPicked(next);
          onChange({ [field]: next.id });
        }}
      />
    );
  const labels = { environment: environmentLabels, criticality: criticalityLabels, kind: kindLabels }[field];
  return (
    <NativeSelect
      label={words[field].replace(/^./, (first) => first.toUpperCase())}
      size="xs"
      data-autofocus
      defaultValue=""
      onChange={(event) => {
        const value = event.currentTarget.value;
        // The options are the field's own values.
        if (value !== "") onChange({ [field]: value === "none" ? null : value } as IdentityChange);
      }}
      data={[
        { value: "", label: "Choose…" },
        ...Object.entries(labels).map(([value, label]) => ({ value, label })),
        ...(field === "kind" ? [] : [{ value: "none", label: "Not set" }]),
      ]}
    />
  );
}
