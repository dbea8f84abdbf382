"use client";

import "./inputs.css";
import { TextInput } from "@mantine/core";
import { useId } from "react";
import { useFound } from "./use-found";

export type Suggestion = {
  /** What stands in the field once it is chosen. */
  value: string;
  /** What it is, where the value alone does not say. */
  label?: string;
};

type Props = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  suggestions: readonly Suggestion[];
  required?: boolean;
  error?: string | undefined;
  placeholder?: string;
};

/** A field that suggests as one types, and takes what is typed as well. */
export function SuggestInput({ suggestions, onChange, ...input }: Props) {
  const list = useId();
  return (
    <>
      <TextInput {...input} list={list} autoComplete="off" onChange={(event) => onChange(event.currentTarget.value)} />
      <datalist id={list}>
        {suggestions.map(({ value, label }) => (
          <option key={`${value} ${label}`} value={value} label={label} />
        ))}
      </datalist>
    </>
  );
}

/** The same of identities, found by name or e-mail address: by the address, where there is one. */
export function SuggestIdentity(props: Omit<Props, "suggestions">) {
  const { found } = useFound(props.value);
  const suggestions = found
    .filter(({ type }) => type === "identity")
    .map(({ name, detail }) => (detail?.includes("@") ? { value: detail, label: name } : { value: name }));
  return <SuggestInput {...props} suggestions={suggestions} />;
}
