"use client";

import "@/components/inputs.css";
import "@/components/dialogs.css";
import { Button, Modal, TextInput } from "@mantine/core";
import { IconFingerprint } from "@tabler/icons-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { ErrorNote } from "@/components/error-note";
import type { Refusal } from "@/lib/errors";
import css from "../people/people.module.css";
import { makePasskey } from "../sign-in/ask-passkey";

/** Names a passkey, and has the device make it. */
export function AddPasskey({ suggestedName }: { suggestedName: string }) {
  const [opened, setOpened] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const router = useRouter();

  async function add(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name"));
    setBusy(true);
    const refused = await makePasskey(name);
    setBusy(false);
    setRefusal(refused);
    if (refused !== null) return;
    setOpened(false);
    router.refresh();
  }

  return (
    <>
      <Button size="compact-sm" variant="default" onClick={() => setOpened(true)}>
        Add a passkey
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title="Add a passkey" centered size={420}>
        <form onSubmit={add} className={css.form}>
          {refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null}
          <TextInput
            name="name"
            label="Name of the passkey"
            description="So that you can tell it from your others."
            defaultValue={suggestedName}
            maxLength={60}
            required
            data-autofocus
          />
          <Button type="submit" loading={busy} leftSection={<IconFingerprint size={16} stroke={1.7} aria-hidden />}>
            Add a passkey
          </Button>
        </form>
      </Modal>
    </>
  );
}
