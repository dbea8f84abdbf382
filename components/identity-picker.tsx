"use client";

import "./inputs.css";
import { TextInput } from "@mantine/core";
import { useId, useState } from "react";
import css from "./identity-picker.module.css";
import { KindIcon } from "./kind-icon";
import { Name } from "./name";
import { type FoundThing, useFound } from "./use-found";

export type Picked = { id: string; name: string };

type Props = {
  label: string;
  picked: Picked | null;
  onPick: (picked: Picked) => void;
  /** Only people: for owners. */
  people?: true;
};

/** One identity, found by its name. */
export function IdentityPicker({ label, picked, onPick, people }: Props) {
  const [text, setText] = useState("");
  const name = useId();
  const found = useFound(text).found.filter((one) => one.type === "identity" && (!people || one.kind === "human"));
  const shown = picked && !found.some((one) => one.id === picked.id) ? [asFound(picked), ...found] : found;
  return (
    <div>
      <TextInput
        label={label}
        placeholder="Type a name or an e-mail address…"
        value={text}
        autoComplete="off"
        data-autofocus
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <fieldset className={css.found}>
        <legend className="unseen">Found</legend>
        {shown.map((one) => (
          <label key={one.id} className={css.entry}>
            <input type="radio" name={name} checked={picked?.id === one.id} onChange={() => onPick(one)} />
            {isKind(one.kind) ? <KindIcon kind={one.kind} /> : null}
            <Name value={one.name} strong />
            {one.detail ? (
              <span className={css.detail}>
                <Name value={one.detail} />
              </span>
            ) : null}
          </label>
        ))}
        {text.trim() !== "" && found.length === 0 ? <p className="dimmed">Nobody found by that name.</p> : null}
      </fieldset>
    </div>
  );
}

type Kind = Parameters<typeof KindIcon>[0]["kind"];
const kinds: readonly string[] = [
  "human",
  "service_account",
  "api_client",
  "ci_pipeline",
  "workload",
  "bot",
  "ai_agent",
];

function isKind(kind: string | null): kind is Kind {
  return kind !== null && kinds.includes(kind);
}

function asFound(picked: Picked): FoundThing {
  return { ...picked, type: "identity", detail: null, kind: null };
}
