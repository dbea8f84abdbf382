"use client";

import "@/components/inputs.css";
import { NativeSelect } from "@mantine/core";
import css from "./connections.module.css";
import { type EditedMapping, fieldsOf, ruleLabels, sourceOf, withColumn } from "./mapping-fields";

type Props = { mapping: EditedMapping; columns: readonly string[]; onChange: (mapping: EditedMapping) => void };

// What a choice says besides a column; no column is called so, for these are not in the file.
const none = "\u0000none";
const asItIs = "\u0000as-it-is";

/** Which column each field is taken from: a group a rule, a choice a field. */
export function MappingForm({ mapping, columns, onChange }: Props) {
  return (
    <>
      {mapping.rules.map((rule, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rules of a mapping have no other name
        <fieldset key={at} className={css.rule}>
          <legend>{ruleLabels[rule.kind]}</legend>
          {fieldsOf[rule.kind].map((field) => (
            <Field
              key={field.name}
              label={field.label}
              required={"required" in field}
              source={sourceOf(rule, field.name)}
              columns={columns}
              take={(column) => onChange(withColumn(mapping, { rule: at, field: field.name, column }))}
            />
          ))}
        </fieldset>
      ))}
    </>
  );
}

type FieldProps = {
  label: string;
  required: boolean;
  source: ReturnType<typeof sourceOf>;
  columns: readonly string[];
  take: (column: string | null) => void;
};

function Field({ label, required, source, columns, take }: FieldProps) {
  const chosen = source.from === "column" ? source.column : source.from === "nothing" ? none : asItIs;
  const known = chosen === none || chosen === asItIs || columns.includes(chosen);
  return (
    <NativeSelect
      label={label}
      value={chosen}
      withAsterisk={required}
      onChange={(event) => take(event.currentTarget.value === none ? null : event.currentTarget.value)}
      data={[
        ...(required && chosen !== none ? [] : [{ value: none, label: "not taken" }]),
        ...(source.from === "value" ? [{ value: asItIs, label: `always “${source.value}”` }] : []),
        ...(source.from === "other" ? [{ value: asItIs, label: source.words }] : []),
        ...(known ? [] : [{ value: chosen, label: `${chosen}, not in this file` }]),
        ...columns.map((column) => ({ value: column, label: column })),
      ]}
    />
  );
}
