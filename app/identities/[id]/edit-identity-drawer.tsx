"use client";

import { Isolated } from "@/components/isolated";
import "@/components/inputs.css";
import "@/components/dialogs.css";
import { Button, Drawer, NativeSelect, Textarea } from "@mantine/core";
import { type FormEvent, useState, useTransition } from "react";
import { ErrorNote } from "@/components/error-note";
import type { Picked } from "@/components/identity-picker";
import { OwnerField } from "@/components/owner-field";
import type { IdentityKind } from "@/lib/connectors/schema";
import type { Refusal } from "@/lib/errors";
import { criticalityLabels, environmentLabels, kindLabels } from "@/lib/inventory/labels";
import { type Criticality, type Environment, identityChange } from "@/lib/inventory/schema";
import { editIdentitiesAction } from "../actions";
import { changeOf, type Values } from "./change-of";
import css from "./identity.module.css";

export type Editable = {
  id: string;
  name: string;
  kind: IdentityKind;
  kindReason: string;
  owner: Picked | null;
  backupOwner: Picked | null;
  purpose: string | null;
  environment: Environment | null;
  criticality: Criticality | null;
};

/** What a person says of an identity; it stays after the next sync, and only what was changed is written. */
export function EditIdentityDrawer({ identity, close }: { identity: Editable; close: () => void }) {
  const [values, setValues] = useState<Values>(() => valuesOf(identity));
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, start] = useTransition();
  const set = (part: Partial<Values>) => setValues((before) => ({ ...before, ...part }));
  const change = changeOf(valuesOf(identity), values);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start(async () => {
      const answer = await editIdentitiesAction({ ids: [identity.id], change: identityChange.parse(change) });
      if (answer.ok) close();
      else setRefusal(answer.refusal);
    });
  };
  const count = Object.keys(change).length;
  return (
    <Drawer.Root opened onClose={close} position="right" size={424}>
      <Drawer.Overlay />
      <Drawer.Content aria-label={`Edit ${identity.name}`}>
        <Drawer.Body>
          <div className={css.formHead}>
            <h2>
              Edit <Isolated value={identity.name} />
            </h2>
            <Drawer.CloseButton aria-label="Close" />
          </div>
          <form onSubmit={submit} className={css.form}>
            {identity.kind === "human" ? (
              <p className="dimmed">People answer for themselves, so they have no owner.</p>
            ) : (
              <>
                <OwnerField label="Owner" picked={values.owner} pick={(owner) => set({ owner })} />
                <OwnerField
                  label="Backup owner"
                  picked={values.backupOwner}
                  pick={(backupOwner) => set({ backupOwner })}
                />
              </>
            )}
            <Textarea
              label="What it is for"
              maxLength={500}
              autosize
              minRows={2}
              value={values.purpose}
              onChange={(event) => set({ purpose: event.currentTarget.value })}
            />
            <Choice
              label="Environment"
              of={environmentLabels}
              value={values.environment}
              pick={(environment) => set({ environment })}
            />
            <Choice
              label="Criticality"
              of={criticalityLabels}
              value={values.criticality}
              pick={(criticality) => set({ criticality })}
            />
            <NativeSelect
              size="xs"
              label="Kind"
              value={values.kind}
              data={Object.entries(kindLabels).map(([value, label]) => ({ value, label }))}
              onChange={(event) => set({ kind: event.currentTarget.value })}
            />
            <p className="dimmed">
              Told so because: <Isolated value={identity.kindReason} />
            </p>
            {refusal ? (
              <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} />
            ) : null}
            <div className={css.buttons}>
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button type="submit" loading={busy} disabled={count === 0}>
                {count === 0 ? "Save" : `Save ${count} ${count === 1 ? "change" : "changes"}`}
              </Button>
            </div>
          </form>
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

function valuesOf(identity: Editable): Values {
  return {
    owner: identity.owner,
    backupOwner: identity.backupOwner,
    purpose: identity.purpose ?? "",
    environment: identity.environment ?? "",
    criticality: identity.criticality ?? "",
    kind: identity.kind,
  };
}

type ChoiceProps = { label: string; of: Record<string, string>; value: string; pick: (value: string) => void };

function Choice({ label, of, value, pick }: ChoiceProps) {
  return (
    <NativeSelect
      size="xs"
      label={label}
      value={value}
      data={[
        { value: "", label: "Not set" },
        ...Object.entries(of).map(([key, words]) => ({ value: key, label: words })),
      ]}
      onChange={(event) => pick(event.currentTarget.value)}
    />
  );
}
