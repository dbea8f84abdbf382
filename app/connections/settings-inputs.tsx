"use client";

import "@/components/inputs.css";
import { Checkbox, NativeSelect, PasswordInput, Textarea, TextInput } from "@mantine/core";
import type { SettingsField } from "@/lib/connectors/typed-settings";
import css from "./connections.module.css";

/** What is typed, by the name of the field. */
export type Typed = Record<string, string>;

type Props = {
  fields: readonly SettingsField[];
  typed: Typed;
  onType: (name: string, text: string) => void;
  /** `settings` or `secrets`: names the field that a refusal is about. */
  part: "settings" | "secrets";
  refusal: { field?: string; message: string } | null;
  /** Of secrets that are kept already: leaving them empty keeps them. */
  kept?: boolean | undefined;
};

/** An input for each of a connector's settings or secrets, as its schema describes them. */
function SettingsInputs({ fields, typed, onType, part, refusal, kept }: Props) {
  return fields.map((field) => {
    const error = refusal?.field === `${part}.${field.name}` ? refusal.message : undefined;
    return (
      <Input
        key={field.name}
        field={field}
        value={typed[field.name] ?? ""}
        onType={(text) => onType(field.name, text)}
        error={error}
        secret={part === "secrets"}
        kept={kept ?? false}
      />
    );
  });
}

type FormProps = {
  fields: readonly SettingsField[];
  secretFields: readonly SettingsField[];
  settings: Typed;
  secrets: Typed;
  onSettings: (typed: Typed) => void;
  onSecrets: (typed: Typed) => void;
  refusal: { field?: string; message: string } | null;
  kept?: boolean;
};

/** Settings and secrets of a connector: what must be said first, then the secrets, and the rest folded. */
export function ConnectorInputs({ fields, secretFields, settings, secrets, refusal, kept, ...on }: FormProps) {
  const { first, rest } = parted(fields);
  const common = { typed: settings, part: "settings", refusal } as const;
  const onType = (name: string, text: string) => on.onSettings({ ...settings, [name]: text });
  const inRest = rest.some((field) => refusal?.field === `settings.${field.name}`);
  return (
    <>
      <SettingsInputs {...common} fields={first} onType={onType} />
      <SettingsInputs
        fields={secretFields}
        typed={secrets}
        onType={(name, text) => on.onSecrets({ ...secrets, [name]: text })}
        part="secrets"
        refusal={refusal}
        kept={kept}
      />
      {rest.length > 0 ? (
        <details className={css.more} open={inRest || undefined}>
          <summary>More settings, which have a default</summary>
          <div className={css.moreFields}>
            <SettingsInputs {...common} fields={rest} onType={onType} />
          </div>
        </details>
      ) : null}
    </>
  );
}

// A schema puts what belongs together in a row: up to what must be said, and the one behind it.
function parted(fields: readonly SettingsField[]): { first: readonly SettingsField[]; rest: readonly SettingsField[] } {
  const cut = fields.findLastIndex((field) => field.required) + 2;
  return fields.length - cut < 2
    ? { first: fields, rest: [] }
    : { first: fields.slice(0, cut), rest: fields.slice(cut) };
}

type InputProps = {
  field: SettingsField;
  value: string;
  onType: (text: string) => void;
  error: string | undefined;
  secret: boolean;
  kept: boolean;
};

function Input({ field, value, onType, error, secret, kept }: InputProps) {
  const common = { label: field.title, description: field.description, error, required: field.required && !kept };
  if (secret) {
    const placeholder = kept ? "Kept as it is" : undefined;
    return (
      <PasswordInput
        {...common}
        value={value}
        placeholder={placeholder}
        autoComplete="new-password"
        onChange={(event) => onType(event.currentTarget.value)}
      />
    );
  }
  if (field.kind === "boolean") {
    const { required: _, ...plain } = common;
    const checked = (value || String(field.defaultValue)) === "true";
    return <Checkbox {...plain} checked={checked} onChange={(event) => onType(String(event.currentTarget.checked))} />;
  }
  if (field.kind === "choice") {
    const chosen = value || String(field.defaultValue ?? field.options[0] ?? "");
    return (
      <NativeSelect
        {...common}
        data={field.options}
        value={chosen}
        onChange={(event) => onType(event.currentTarget.value)}
      />
    );
  }
  const onChange = (event: { currentTarget: { value: string } }) => onType(event.currentTarget.value);
  const placeholder = placeholderOf(field);
  if (field.kind === "longtext" || field.kind === "json")
    return (
      <Textarea {...common} value={value} placeholder={placeholder} autosize={false} rows={3} onChange={onChange} />
    );
  return (
    <TextInput
      {...common}
      value={value}
      placeholder={placeholder}
      inputMode={field.kind === "number" ? "numeric" : undefined}
      autoComplete="off"
      spellCheck={false}
      onChange={onChange}
    />
  );
}

function placeholderOf({ defaultValue, kind }: SettingsField): string | undefined {
  if (defaultValue === null || defaultValue === "") return undefined;
  if (Array.isArray(defaultValue)) return defaultValue.join(", ") || undefined;
  return kind === "json" ? undefined : String(defaultValue);
}
