"use client";

import "@/components/inputs.css";
import "@/components/dialogs.css";
import { Button, Modal } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useEffect, useState, useTransition } from "react";
import { numberWords } from "@/components/count";
import { ErrorNote } from "@/components/error-note";
import type { Picked } from "@/components/identity-picker";
import { Isolated } from "@/components/isolated";
import { OwnerField } from "@/components/owner-field";
import type { Refusal } from "@/lib/errors";
import type { EditPreview } from "@/lib/inventory/identity-edit-queries";
import { previewOwner, setOwner } from "./actions";
import css from "./owner-modal.module.css";

type Props = {
  ids: readonly string[];
  /** Who it is now, of one resource. */
  owner: Picked | null;
  onClose: () => void;
  onDone: () => void;
};

/** Choosing who answers for resources, what that will replace, and doing it. */
export function OwnerModal({ ids, owner, onClose, onDone }: Props) {
  const [picked, setPicked] = useState(owner);
  const [preview, setPreview] = useState<EditPreview | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [round, setRound] = useState(0);
  const [busy, start] = useTransition();
  const [key, ownerId] = [ids.join(), picked?.id ?? null];
  useEffect(() => {
    let current = round >= 0;
    setPreview(null);
    void previewOwner({ ids: key.split(","), ownerId }).then((answer) => {
      if (!current) return;
      if (answer.ok) setPreview(answer.value);
      else setRefusal(answer.refusal);
    });
    return () => {
      current = false;
    };
  }, [key, ownerId, round]);
  const submit = () =>
    start(async () => {
      if (!preview) return;
      const answer = await setOwner({ ids: [...ids], ownerId, version: preview.version });
      if (answer.ok) return onDone();
      setRefusal(answer.refusal);
      setRound((count) => count + 1);
    });
  const many = ids.length === 1 ? "this resource" : `${numberWords(ids.length)} resources`;
  return (
    <Modal opened onClose={onClose} title={`Who owns ${many}?`} centered size={460}>
      <OwnerField
        label="Owner"
        picked={picked}
        pick={(next) => {
          setRefusal(null);
          setPicked(next);
        }}
      />
      <p className={css.hint}>
        Decides on access to it, and may end it. With nobody, the owner of what it lies in does, or else the system’s.
      </p>
      {preview ? <Effects preview={preview} /> : null}
      {refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null}
      <div className={css.buttons}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button onClick={submit} loading={busy} disabled={!preview || preview.changes === 0}>
          {preview ? `Set owner, change ${numberWords(preview.changes)}` : "Set owner"}
        </Button>
      </div>
    </Modal>
  );
}

function Effects({ preview }: { preview: EditPreview }) {
  return (
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
        <li className="dimmed">{numberWords(preview.unchanged)} stay as they are: it is so already</li>
      ) : null}
    </ul>
  );
}
