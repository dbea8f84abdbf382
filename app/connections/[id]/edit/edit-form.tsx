"use client";

import "@/components/inputs.css";
import { Button, TextInput } from "@mantine/core";
import { useRouter } from "next/navigation";
import { useState, useTransition } from "react";
import type { Picked } from "@/components/identity-picker";
import { OwnerField } from "@/components/owner-field";
import type { CheckAnswer } from "@/lib/connections/check-connection";
import type { EditConnectionInput } from "@/lib/connections/schema";
import type { SettingsField } from "@/lib/connectors/typed-settings";
import type { Refusal } from "@/lib/errors";
import { check, edit } from "../../actions";
import { CheckResult } from "../../check-result";
import { valuesOf } from "../../connect-form";
import css from "../../connections.module.css";
import { type General, GeneralInputs } from "../../general-inputs";
import { RefusalNote } from "../../refusal-note";
import { ConnectorInputs, type Typed } from "../../settings-inputs";

type Props = {
  connection: {
    id: string;
    connector: string;
    isLive: boolean;
    canCheck: boolean;
    settings: Record<string, unknown>;
    general: General;
    owner: Picked | null;
    brakeKindShare: number;
    brakeAssignmentShare: number;
  };
  fields: readonly SettingsField[];
  secretFields: readonly SettingsField[];
};

/** Changes a connection. A secret that is left empty stays as it is; none is ever shown. */
export function EditForm({ connection, fields, secretFields }: Props) {
  const router = useRouter();
  const [general, setGeneral] = useState(connection.general);
  const [owner, setOwner] = useState(connection.owner);
  const [settings, setSettings] = useState<Typed>(() => typedOf(fields, connection.settings));
  const [secrets, setSecrets] = useState<Typed>({});
  const [brakes, setBrakes] = useState({
    kind: String(Math.round(connection.brakeKindShare * 100)),
    assignment: String(Math.round(connection.brakeAssignmentShare * 100)),
  });
  const [answer, setAnswer] = useState<CheckAnswer | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();
  const given = { settings: valuesOf(fields, settings), secrets: valuesOf(secretFields, secrets) };

  function tryIt() {
    setAnswer(null);
    startWork(async () => {
      const result = await check({ connector: connection.connector, connectionId: connection.id, ...given });
      setRefusal(result.ok ? null : result.refusal);
      if (result.ok) setAnswer(result.value);
    });
  }

  function keep() {
    startWork(async () => {
      const { schedule, ...plain } = general;
      const result = await edit({
        id: connection.id,
        ...plain,
        environment: plain.environment as EditConnectionInput["environment"],
        ...(connection.isLive ? { scheduleMinutes: schedule === "" ? null : Number(schedule) } : {}),
        ...given,
        ownerId: owner?.id ?? null,
        brakeKindShare: Number(brakes.kind) / 100,
        brakeAssignmentShare: Number(brakes.assignment) / 100,
      });
      if (result.ok) router.push(`/connections/${connection.id}`);
      else setRefusal(result.refusal);
    });
  }

  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        keep();
      }}
    >
      <GeneralInputs value={general} onChange={setGeneral} refusal={refusal} fromFile={!connection.isLive} />
      <OwnerField
        label="Owner"
        picked={owner}
        pick={setOwner}
        error={refusal?.field === "ownerId" ? refusal.message : undefined}
      />
      <p className={css.hint}>
        Decides on access to this system, is asked what only a person can do there, and is told when it cannot be read.
      </p>
      <ConnectorInputs
        fields={fields}
        secretFields={secretFields}
        settings={settings}
        secrets={secrets}
        onSettings={setSettings}
        onSecrets={setSecrets}
        refusal={refusal}
        kept
      />
      <div className={css.pair}>
        <TextInput
          label="Brake, of a kind (%)"
          description="Pause a sync that would remove more of what there is."
          inputMode="numeric"
          value={brakes.kind}
          error={refusal?.field === "brakeKindShare" ? refusal.message : undefined}
          onChange={(event) => setBrakes({ ...brakes, kind: event.currentTarget.value })}
        />
        <TextInput
          label="Brake, of all assignments (%)"
          description="Pause a sync that would remove more of who holds what."
          inputMode="numeric"
          value={brakes.assignment}
          error={refusal?.field === "brakeAssignmentShare" ? refusal.message : undefined}
          onChange={(event) => setBrakes({ ...brakes, assignment: event.currentTarget.value })}
        />
      </div>
      {answer ? <CheckResult answer={answer} /> : null}
      {refusal ? <RefusalNote refusal={refusal} /> : null}
      <div className={css.buttons}>
        {connection.canCheck ? (
          <Button type="button" variant="default" onClick={tryIt} loading={busy}>
            Check
          </Button>
        ) : null}
        <Button type="submit" loading={busy}>
          Save
        </Button>
      </div>
    </form>
  );
}

function typedOf(fields: readonly SettingsField[], settings: Record<string, unknown>): Typed {
  return Object.fromEntries(fields.map((field) => [field.name, textOf(settings[field.name])]));
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
}
