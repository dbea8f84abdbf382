"use client";

import "@/components/inputs.css";
import { Checkbox, NativeSelect, TextInput } from "@mantine/core";
import css from "./connections.module.css";

/** What every connection has, whatever its kind. */
export type General = { name: string; environment: string; isIdentitySource: boolean; schedule: string };

type Props = {
  value: General;
  onChange: (value: General) => void;
  refusal: { field?: string; message: string } | null;
  /** A file is read when it comes. */
  fromFile?: boolean;
};

const schedules = [
  { value: "15", label: "Every 15 minutes" },
  { value: "60", label: "Each hour" },
  { value: "360", label: "Every 6 hours" },
  { value: "1440", label: "Each day" },
  { value: "", label: "By hand only" },
];

/** Name, environment, schedule, and whether people come from here. */
export function GeneralInputs({ value, onChange, refusal, fromFile }: Props) {
  const known = schedules.some((schedule) => schedule.value === value.schedule);
  const offered = known
    ? schedules
    : [...schedules, { value: value.schedule, label: `Every ${value.schedule} minutes` }];
  return (
    <>
      <TextInput
        label="Name"
        description="How this system is called here and in commands: lower-case letters, digits and hyphens."
        placeholder="warehouse"
        required
        value={value.name}
        error={refusal?.field === "name" ? refusal.message : undefined}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange({ ...value, name: event.currentTarget.value })}
      />
      <div className={css.pair}>
        <NativeSelect
          label="Environment"
          data={["production", "staging", "development"]}
          value={value.environment}
          onChange={(event) => onChange({ ...value, environment: event.currentTarget.value })}
        />
        {fromFile ? null : (
          <NativeSelect
            label="Read"
            data={offered}
            value={value.schedule}
            onChange={(event) => onChange({ ...value, schedule: event.currentTarget.value })}
          />
        )}
      </div>
      <Checkbox
        label="People come from here"
        description="Its accounts make identities, as from a directory or an HR system."
        checked={value.isIdentitySource}
        onChange={(event) => onChange({ ...value, isIdentitySource: event.currentTarget.checked })}
      />
    </>
  );
}
