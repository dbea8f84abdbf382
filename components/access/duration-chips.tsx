"use client";

import { useId } from "react";
import css from "./access.module.css";
import { durationWords } from "./duration-words";

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
