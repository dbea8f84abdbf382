"use client";

import { Button } from "@mantine/core";
import { useRouter } from "next/navigation";
import { useState, useTransition } from "react";
import { Panel } from "@/components/panel";
import type { CheckAnswer } from "@/lib/connections/check-connection";
import type { CreateConnectionInput } from "@/lib/connections/schema";
import type { SetupStep } from "@/lib/connectors/contract";
import { type SettingsField, settingsValue } from "@/lib/connectors/typed-settings";
import type { Refusal } from "@/lib/errors";
import { check, connect, setupSteps } from "./actions";
import { CheckResult } from "./check-result";
import css from "./connections.module.css";
import { type General, GeneralInputs } from "./general-inputs";
import { RefusalNote } from "./refusal-note";
import { ConnectorInputs, type Typed } from "./settings-inputs";
import { SetupSteps } from "./setup-steps";

type Props = {
  connector: { name: string; label: string; canCheck: boolean };
  fields: readonly SettingsField[];
  secretFields: readonly SettingsField[];
  setup: readonly SetupStep[];
};

/** Connects a live system: how to let Rollcall read it, its settings, a check, and then it is kept and read. */
export function ConnectForm({ connector, fields, secretFields, setup }: Props) {
  const router = useRouter();
  const [general, setGeneral] = useState<General>({
    name: "",
    environment: "production",
    isIdentitySource: false,
    schedule: "60",
  });
  const [settings, setSettings] = useState<Typed>({});
  const [secrets, setSecrets] = useState<Typed>({});
  const [steps, setSteps] = useState(setup);
  const [answer, setAnswer] = useState<CheckAnswer | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();
  const given = {
    connector: connector.name,
    settings: valuesOf(fields, settings),
    secrets: valuesOf(secretFields, secrets),
  };

  function describeAgain() {
    if (setup.length === 0) return;
    startWork(async () => {
      const result = await setupSteps({ connector: connector.name, settings: given.settings });
      if (result.ok) setSteps(result.value.steps);
    });
  }

  function tryIt() {
    setAnswer(null);
    startWork(async () => {
      const result = await check(given);
      setRefusal(result.ok ? null : result.refusal);
      if (result.ok) setAnswer(result.value);
    });
  }

  function keep() {
    startWork(async () => {
      const { schedule, ...plain } = general;
      const result = await connect({
        ...given,
        ...plain,
        environment: plain.environment as CreateConnectionInput["environment"],
        scheduleMinutes: schedule === "" ? null : Number(schedule),
      });
      if (result.ok) router.push(`/connections/${result.value.id}`);
      else setRefusal(result.refusal);
    });
  }

  const inField = refusal?.field !== undefined;
  return (
    <div className={css.columns}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          keep();
        }}
      >
        <GeneralInputs value={general} onChange={setGeneral} refusal={refusal} />
        <ConnectorInputs
          fields={fields}
          secretFields={secretFields}
          settings={settings}
          secrets={secrets}
          onSettings={setSettings}
          onSecrets={setSecrets}
          refusal={refusal}
        />
        {answer ? <CheckResult answer={answer} /> : null}
        {refusal && !inField ? <RefusalNote refusal={refusal} /> : null}
        {inField ? <p role="alert">{refusal.message}</p> : null}
        <div className={css.buttons}>
          {connector.canCheck ? (
            <Button type="button" variant="default" onClick={tryIt} loading={busy}>
              Check
            </Button>
          ) : null}
          <Button type="submit" loading={busy}>
            Save and read now
          </Button>
        </div>
      </form>
      {steps.length > 0 ? (
        <Panel
          className={css.first}
          title={`Let Rollcall read ${connector.label}, and nothing more`}
          action={
            <Button size="compact-xs" variant="default" onClick={describeAgain}>
              For the settings typed
            </Button>
          }
        >
          <SetupSteps steps={steps} />
        </Panel>
      ) : null}
    </div>
  );
}

/** What was typed, as the connector's schema expects it; a field left empty takes the schema's default. */
export function valuesOf(fields: readonly SettingsField[], typed: Typed): Record<string, unknown> {
  const entries = fields.map((field) => [field.name, settingsValue(field, typed[field.name] ?? "")] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
