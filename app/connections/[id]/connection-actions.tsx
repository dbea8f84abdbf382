"use client";

import { Button } from "@mantine/core";
import { useRouter } from "next/navigation";
import { useState, useTransition } from "react";
import { ConfirmModal } from "@/components/confirm-modal";
import { numberWords } from "@/components/count";
import type { Refusal } from "@/lib/errors";
import { remove, syncNow } from "../actions";
import { RefusalNote } from "../refusal-note";

type Counts = { accounts: number; groups: number; resources: number; assignments: number; credentials: number };
type Props = { connection: { id: string; name: string; counts: Counts }; maySync: boolean; mayRemove: boolean };

/** Reading a system now, and removing its connection. */
export function ConnectionActions({ connection, maySync, mayRemove }: Props) {
  const router = useRouter();
  const [asked, setAsked] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();
  const { id, name, counts } = connection;

  function read() {
    startWork(async () => {
      const result = await syncNow({ id });
      setRefusal(result.ok ? null : result.refusal);
    });
  }

  function removeIt() {
    startWork(async () => {
      const result = await remove({ id, confirmName: name });
      if (result.ok) router.push("/connections");
      else setRefusal(result.refusal);
    });
  }

  return (
    <>
      {mayRemove ? (
        <Button variant="outline" color="red" onClick={() => setAsked(true)}>
          Remove…
        </Button>
      ) : null}
      {maySync ? (
        <Button onClick={read} loading={busy && !asked}>
          Sync now
        </Button>
      ) : null}
      {refusal && !asked ? <RefusalNote refusal={refusal} /> : null}
      <ConfirmModal
        opened={asked}
        onClose={() => setAsked(false)}
        onConfirm={removeIt}
        busy={busy}
        title={`Remove ${name}?`}
        effects={Object.entries(counts)
          .filter(([, count]) => count > 0)
          .map(([kind, count]) => ({ what: `${numberWords(count)} ${kind} end in the inventory` }))}
        typeToConfirm={name}
        confirmLabel={`Remove, end ${numberWords(counts.accounts)} accounts`}
        destructive
        error={refusal ? <RefusalNote refusal={refusal} /> : null}
      >
        The secrets are forgotten. Their history stays. Nothing is changed in the system itself.
      </ConfirmModal>
    </>
  );
}
