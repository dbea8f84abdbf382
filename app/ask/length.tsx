"use client";

import "@/components/inputs.css";

import { NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import css from "@/components/access/access.module.css";
import { DurationChips } from "@/components/access/duration-chips";
import { TextButton } from "@/components/text-button";
import { durationWords } from "@/lib/grants/labels";

type Props = { most: number | null; value: number; onChange: (seconds: number) => void };

const usual = [1_800, 3_600, 14_400, 28_800, 86_400, 604_800];
const units = { min: 60, h: 3_600, d: 86_400 } as const;
type Unit = keyof typeof units;

/** How long: one of the usual lengths, the longest that the policies allow, or another. */
export function Length({ most, value, onChange }: Props) {
  const [other, setOther] = useState(false);
  const allowed = most === null ? usual : [...usual.filter((it) => it < most), most].slice(-6);
  const choices = allowed.includes(value) ? allowed : [...allowed, value].sort((one, more) => one - more);
  return (
    <div className={css.stack}>
      <DurationChips
        legend="How long"
        aside={most === null ? undefined : `at most ${durationWords(most)} by the policies`}
        choices={choices}
        value={value}
        onChange={onChange}
      />
      {other ? (
        <Other value={value} onChange={onChange} />
      ) : (
        <p>
          <TextButton onClick={() => setOther(true)}>Another length…</TextButton>
        </p>
      )}
    </div>
  );
}

function Other({ value, onChange }: Pick<Props, "value" | "onChange">) {
  const [unit, setUnit] = useState<Unit>(value % units.d === 0 ? "d" : value % units.h === 0 ? "h" : "min");
  const [text, setText] = useState(String(Math.max(1, Math.round(value / units[unit]))));
  function tell(written: string, of: Unit) {
    setText(written);
    setUnit(of);
    const count = Number(written);
    const seconds = Math.round(count * units[of]);
    if (count > 0 && seconds <= 366 * units.d) onChange(seconds);
  }
  return (
    <div className={css.line}>
      <TextInput
        type="number"
        min={1}
        label="Another length"
        value={text}
        onChange={(event) => tell(event.currentTarget.value, unit)}
      />
      <NativeSelect
        label="Unit"
        data={[
          { value: "min", label: "minutes" },
          { value: "h", label: "hours" },
          { value: "d", label: "days" },
        ]}
        value={unit}
        onChange={(event) => tell(text, event.currentTarget.value as Unit)}
      />
    </div>
  );
}
