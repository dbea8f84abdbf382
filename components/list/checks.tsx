"use client";

import type { ListField, ListFilter } from "@/lib/lists/schema";
import { Isolated } from "../isolated";
import css from "./filter-popover.module.css";
import { optionLabel } from "./filter-words";

export type ChoiceProps = {
  field: ListField;
  current: ListFilter | undefined;
  set: (values: readonly string[], not?: boolean) => void;
};

/** Any number of values. */
export function Checks({
  field,
  current,
  set,
  options,
}: ChoiceProps & { options: readonly { value: string; label: string }[] }) {
  const values = current?.values ?? [];
  return (
    <fieldset className={css.choice}>
      <legend className={css.legend}>{field.label}</legend>
      {options.map((option) => (
        <label key={option.value} className={css.entry}>
          <input
            type="checkbox"
            checked={values.includes(option.value)}
            onChange={(event) =>
              set(
                event.currentTarget.checked ? [...values, option.value] : values.filter((one) => one !== option.value),
              )
            }
          />
          <Isolated value={optionLabel(field, option.value, { [field.name]: options })} />
        </label>
      ))}
    </fieldset>
  );
}
