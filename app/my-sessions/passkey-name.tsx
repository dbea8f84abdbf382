"use client";

import "@/components/inputs.css";
import "@mantine/core/styles/ActionIcon.layer.css";
import { ActionIcon, Button, TextInput } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { type FormEvent, useState, useTransition } from "react";
import { Name } from "@/components/name";
import type { Refusal } from "@/lib/errors";
import css from "../people/people.module.css";
import { rename } from "./actions";

/** A passkey's name, and where it is changed. */
export function PasskeyName({ passkey }: { passkey: { id: string; name: string } }) {
  const [editing, setEditing] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startActing] = useTransition();
  if (!editing) {
    return (
      <span className={css.inline}>
        <Name value={passkey.name} strong />
        <ActionIcon aria-label={`Rename ${passkey.name}`} onClick={() => setEditing(true)}>
          <IconPencil size={16} stroke={1.7} />
        </ActionIcon>
      </span>
    );
  }

  function save(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name"));
    startActing(async () => {
      const answer = await rename({ id: passkey.id, name });
      if (answer.ok) setEditing(false);
      else setRefusal(answer.refusal);
    });
  }

  return (
    <form onSubmit={save} className={css.inline}>
      <TextInput
        name="name"
        defaultValue={passkey.name}
        aria-label="Name of the passkey"
        error={refusal?.message}
        maxLength={60}
        required
        data-autofocus
      />
      <Button type="submit" loading={busy}>
        Save
      </Button>
      <Button variant="subtle" color="gray" onClick={() => setEditing(false)}>
        Cancel
      </Button>
    </form>
  );
}
