"use client";

import { useState } from "react";
import { useFound } from "../use-found";
import { Checks, type ChoiceProps } from "./checks";
import css from "./filter-popover.module.css";
import { useList } from "./list-context";

type Option = { value: string; label: string };

/** Things of the inventory: few are listed, many are found by their name. */
export function ReferenceChoice({ field, current, set }: ChoiceProps) {
  const { options } = useList();
  const [text, setText] = useState("");
  const known = options[field.name] ?? [];
  const found = useFound(field.search ? text : "")
    .found.filter((thing) => thing.type === "identity")
    .map(({ id, name }) => ({ value: id, label: name }));
  const wanted = text.trim().toLowerCase();
  const listed = field.search ? found : known.filter((option) => option.label.toLowerCase().includes(wanted));
  const chosen = (current?.values ?? []).map(
    (value) => [...found, ...known].find((option) => option.value === value) ?? { value, label: value },
  );
  const special = (field.options ?? []).filter((option) => wanted === "" || option.label.includes(wanted));
  const shown = unique([...special, ...chosen, ...listed]).slice(0, 60);
  return (
    <>
      {field.search || known.length > 8 ? (
        <input
          type="search"
          className={css.search}
          aria-label={`Find for ${field.label}`}
          placeholder={field.search ? "Type a name…" : "Narrow…"}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      ) : null}
      <Checks field={field} current={current} set={set} options={shown} />
    </>
  );
}

function unique(options: Option[]): Option[] {
  return [...new Map(options.map((option) => [option.value, option])).values()];
}
