"use client";

import { Button } from "@mantine/core";
import { useState, useTransition } from "react";
import { ErrorNote } from "@/components/error-note";
import { SigningSecret } from "@/components/signing-secret";
import type { Refusal } from "@/lib/errors";
import { rotate } from "../actions";
import css from "../messages.module.css";

/** Replaces the secret of a webhook, and shows the new one, once. */
export function RotateSecret({ id }: { id: string }) {
  const [secret, setSecret] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();

  function replace() {
    startWork(async () => {
      const answer = await rotate({ id });
      setRefusal(answer.ok ? null : answer.refusal);
      if (answer.ok) setSecret(answer.value.signingSecret);
    });
  }

  if (secret) return <SigningSecret of="a message" secret={secret} />;
  return (
    <>
      <p className="dimmed">Replace the signing secret when it may be known to others. Both sign for a day.</p>
      <p className={css.buttons}>
        <Button variant="default" onClick={replace} loading={busy}>
          Replace the secret
        </Button>
      </p>
      {refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null}
    </>
  );
}
