"use client";

import "@/components/inputs.css";
import { Button, TextInput } from "@mantine/core";
import { IconFingerprint } from "@tabler/icons-react";
import Link from "next/link";
import { type FormEvent, useState } from "react";
import { ErrorNote } from "@/components/error-note";
import type { Refusal } from "@/lib/errors";
import { makePasskey } from "../ask-passkey";
import css from "../sign-in.module.css";

export function AddPasskeyForm({ suggestedName }: { suggestedName: string }) {
  const [name, setName] = useState(suggestedName);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);

  async function add(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    const refused = await makePasskey(name);
    if (refused === null) return window.location.assign("/");
    setRefusal(refused);
    setBusy(false);
  }

  return (
    <form onSubmit={add} className={css.ways}>
      {refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null}
      <TextInput
        label="Name of the passkey"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={60}
        required
        size="sm"
      />
      <Button type="submit" loading={busy} leftSection={<IconFingerprint size={18} stroke={1.7} aria-hidden />}>
        Add a passkey
      </Button>
      <Button component={Link} href="/" variant="subtle" color="gray" size="sm">
        Later
      </Button>
    </form>
  );
}
