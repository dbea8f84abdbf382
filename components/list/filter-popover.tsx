"use client";

import { useState } from "react";
import type { ListField } from "@/lib/lists/schema";
import { Hanging } from "../hanging";
import { Checks, type ChoiceProps } from "./checks";
import css from "./filter-popover.module.css";
import { timeWords } from "./filter-words";
import { useList } from "./list-context";
import { ReferenceChoice } from "./reference-choice";

export type FilterPopoverProps = {
  onOpened: (opened: boolean) => void;
  /** Null: the field is chosen first. */
  field: ListField | null;
};

/** Choosing a field (where none is given) and then its values. */
export function FilterPopover({ onOpened, field: given }: FilterPopoverProps) {
  const { list, state } = useList();
  const [chosen, setChosen] = useState<ListField | null>(given);
  const close = () => onOpened(false);
  return (
    <Hanging label={chosen ? `Filter by ${chosen.label}` : "Add a filter"} onClose={close}>
      {chosen ? (
        <FieldChoice field={chosen} close={close} />
      ) : (
        <ul>
          {list.fields
            .filter((field) => !state.filters.some((filter) => filter.field === field.name))
            .map((field) => (
              <li key={field.name}>
                <button type="button" className={css.entry} onClick={() => setChosen(field)}>
                  {field.label}
                </button>
              </li>
            ))}
        </ul>
      )}
    </Hanging>
  );
}

function FieldChoice({ field, close }: { field: ListField; close: () => void }) {
  const { state, setFilter } = useList();
  const current = state.filters.find((filter) => filter.field === field.name);
  const set = (values: readonly string[], not = current?.not ?? false) =>
    setFilter(field.name, values.length === 0 ? null : { field: field.name, not, values });
  if (field.kind === "time") return <TimeChoice field={field} current={current} set={set} close={close} />;
  if (field.kind === "reference") return <ReferenceChoice field={field} current={current} set={set} />;
  if (field.kind === "flag") return <FlagChoice field={field} current={current} set={set} />;
  return <Checks field={field} current={current} set={set} options={field.options ?? []} />;
}

function FlagChoice({ field, current, set }: ChoiceProps) {
  return (
    <fieldset className={css.choice}>
      <legend className={css.legend}>{field.label}</legend>
      {["true", "false"].map((value) => (
        <label key={value} className={css.entry}>
          <input type="radio" name={field.name} checked={current?.values[0] === value} onChange={() => set([value])} />
          {value === "true" ? "yes" : "no"}
        </label>
      ))}
    </fieldset>
  );
}

const spans = ["1d", "7d", "30d", "90d", "180d", "365d"];
const spansAhead = ["+7d", "+30d", "+90d", "+365d"];

function TimeChoice({ field, current, set, close }: ChoiceProps & { close: () => void }) {
  const value = current?.values[0] ?? "";
  const not = current?.not ?? false;
  const [plain, negated] = field.words ?? ["since", "before"];
  return (
    <>
      {field.fixed ? null : (
        <fieldset className={css.turn}>
          <legend className="unseen">Since or before</legend>
          {[plain, negated].map((words, index) => (
            <label key={words} className={css.entry}>
              <input
                type="radio"
                name={`${field.name}-way`}
                checked={not === (index === 1)}
                onChange={() => set([value || (field.ahead ? "+30d" : "90d")], index === 1)}
              />
              {words}
            </label>
          ))}
        </fieldset>
      )}
      <fieldset className={css.choice}>
        <legend className={css.legend}>{field.label}</legend>
        {(field.ahead ? spansAhead : spans).map((span) => (
          <label key={span} className={css.entry}>
            <input type="radio" name={field.name} checked={value === span} onChange={() => set([span], not)} />
            {timeWords(span)}
          </label>
        ))}
        <label className={css.entry}>
          Day
          <input
            type="date"
            className={css.date}
            value={/^\d{4}-/.test(value) ? value : ""}
            onChange={(event) => event.currentTarget.value && set([event.currentTarget.value], not)}
            onKeyDown={(event) => event.key === "Enter" && close()}
          />
        </label>
      </fieldset>
    </>
  );
}
