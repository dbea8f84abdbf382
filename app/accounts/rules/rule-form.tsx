"use client";

import "@/components/inputs.css";
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useEffect, useState, useTransition } from "react";
import { numberWords } from "@/components/count";
import { ErrorNote } from "@/components/error-note";
import type { MatchPreview } from "@/lib/connections/apply-match-rule";
import type { MatchField, MatchRuleInput, MatchTarget } from "@/lib/connections/match-schema";
import type { Refusal } from "@/lib/errors";
import { saveRule, tryRule } from "./actions";
import { RuleTry } from "./rule-try";
import css from "./rules.module.css";
import { fieldWords, targetWords } from "./words";

type Values = {
  name: string;
  connectionId: string;
  field: MatchField;
  pattern: string;
  template: string;
  target: MatchTarget;
  sure: string;
};

const empty: Values = {
  name: "",
  connectionId: "",
  field: "name",
  pattern: "",
  template: "",
  target: "email",
  sure: "80",
};
const shownAtField = new Set(["name", "pattern", "template", "confidence"]);

/** A new rule, with what it would match now shown as it is typed. */
export function RuleForm({ connections }: { connections: readonly { id: string; name: string }[] }) {
  const [values, setValues] = useState(empty);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const [busy, start] = useTransition();
  const { found, refused } = useTry(values);
  const set = (part: Partial<Values>) => {
    setRefusal(null);
    setDone(null);
    setValues((before) => ({ ...before, ...part }));
  };
  const errorAt = (field: string) => [refusal, refused].find((one) => one?.field === field)?.message;
  const save = () =>
    start(async () => {
      const answer = await saveRule(inputOf(values, values.name));
      setRefusal(answer.ok ? null : answer.refusal);
      if (!answer.ok) return;
      const { matched } = answer.value;
      setDone(`Saved. It has matched ${numberWords(matched)} ${matched === 1 ? "account" : "accounts"}.`);
      setValues(empty);
    });
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <div className={css.pair}>
        <TextInput
          label="Name"
          placeholder="first_last"
          required
          maxLength={100}
          value={values.name}
          error={errorAt("name")}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <NativeSelect
          label="Accounts of"
          value={values.connectionId}
          data={[
            { value: "", label: "every system" },
            ...connections.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(event) => set({ connectionId: event.currentTarget.value })}
        />
      </div>
      <RuleFields values={values} set={set} errorAt={errorAt} />
      {found ? <RuleTry found={found} /> : null}
      {refusal && !shownAtField.has(refusal.field ?? "") ? (
        <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} />
      ) : null}
      {done ? <p role="status">{done}</p> : null}
      <div className={css.buttons}>
        <Button type="submit" loading={busy}>
          Save, and match by it
        </Button>
      </div>
    </form>
  );
}

type FieldsProps = {
  values: Values;
  set: (part: Partial<Values>) => void;
  errorAt: (field: string) => string | undefined;
};

function RuleFields({ values, set, errorAt }: FieldsProps) {
  const words = (of: Record<string, string>) => Object.entries(of).map(([value, label]) => ({ value, label }));
  return (
    <>
      <div className={css.pair}>
        <NativeSelect
          label="When its"
          value={values.field}
          data={words(fieldWords)}
          // The options are the field's own values.
          onChange={(event) => set({ field: event.currentTarget.value as MatchField })}
        />
        <TextInput
          label="is, from its beginning to its end"
          description="A regular expression, as PostgreSQL understands it."
          placeholder="([a-z]+)_([a-z]+)"
          required
          value={values.pattern}
          error={errorAt("pattern")}
          classNames={{ input: css.mono }}
          onChange={(event) => set({ pattern: event.currentTarget.value })}
        />
      </div>
      <div className={css.pair}>
        <NativeSelect
          label="it is the account of who has the"
          value={values.target}
          data={words(targetWords)}
          // The options are the target's own values.
          onChange={(event) => set({ target: event.currentTarget.value as MatchTarget })}
        />
        <TextInput
          label="that this makes"
          description="\1 is what the first brackets took, \2 the second."
          placeholder="\1.\2@example.com"
          required
          value={values.template}
          error={errorAt("template")}
          classNames={{ input: css.mono }}
          onChange={(event) => set({ template: event.currentTarget.value })}
        />
      </div>
      <TextInput
        label="How sure that is (%)"
        inputMode="numeric"
        required
        maw={180}
        value={values.sure}
        error={errorAt("confidence")}
        onChange={(event) => set({ sure: event.currentTarget.value })}
      />
    </>
  );
}

function inputOf(values: Values, name: string): MatchRuleInput {
  const { connectionId, sure, ...rest } = values;
  return { ...rest, name, connectionId: connectionId === "" ? null : connectionId, confidence: Number(sure) / 100 };
}

// What the rule would match now. A name is not needed for that.
function useTry(values: Values) {
  const [found, setFound] = useState<MatchPreview[] | null>(null);
  const [refused, setRefused] = useState<Refusal | null>(null);
  const key = JSON.stringify(inputOf(values, "a try"));
  const ready = values.pattern !== "" && values.template !== "";
  useEffect(() => {
    if (!ready) {
      setFound(null);
      return setRefused(null);
    }
    let current = true;
    const timer = setTimeout(async () => {
      const answer = await tryRule(JSON.parse(key) as MatchRuleInput);
      if (!current) return;
      setFound(answer.ok ? answer.value : null);
      setRefused(answer.ok ? null : answer.refusal);
    }, 300);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [key, ready]);
  return { found, refused };
}
