"use client";

import { useId } from "react";
import { durationWords } from "@/lib/grants/labels";
import css from "./access.module.css";

type Props = {
  legend: string;
  aside?: string | undefined;
  choices: readonly number[];
  value: number;
  onChange: (seconds: number) => void;
};

/** A length of time, one of a few. */
export function DurationChips({ legend, aside, choices, value, onChange }: Props) {
  const name = useId();
  return (
    <fieldset className={css.chips}>
      <legend>
        {legend} <span className="dimmed">{aside}</span>
      </legend>
      {choices.map((seconds) => (
        <label key={seconds} className={css.chip}>
          <input type="radio" name={name} checked={seconds === value} onChange={() => onChange(seconds)} />
          {durationWords(seconds)}
        </label>
      ))}
    </fieldset>
  );
}
