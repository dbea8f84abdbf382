"use client";

import { useMantineColorScheme } from "@mantine/core";
import { useEffect, useId, useState } from "react";
import css from "./color-scheme-choice.module.css";

const choices = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "auto", label: "System" },
] as const;

/** Light, dark, or as the system has it; remembered in this browser. */
export function ColorSchemeChoice() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const name = useId();
  // What the browser remembers is not known while the server renders.
  const [mounted, setMounted] = useState(false);
  useEffect(() => setMounted(true), []);
  return (
    <fieldset className={css.choice}>
      <legend className="unseen">Colours</legend>
      {choices.map(({ value, label }) => (
        <label key={value} className={css.option}>
          <input
            type="radio"
            name={name}
            className="unseen"
            checked={mounted && colorScheme === value}
            onChange={() => setColorScheme(value)}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}
