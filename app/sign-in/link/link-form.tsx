"use client";

import { Button } from "@mantine/core";
import { IconLogin2 } from "@tabler/icons-react";
import { useState } from "react";
import { ErrorNote } from "@/components/error-note";
import type { Refusal } from "@/lib/errors";
import { signInByLink } from "../actions";
import css from "../sign-in.module.css";

const noSecret: Refusal = {
  code: "invalid",
  message: "This address is not a whole sign-in link.",
  remedy: "Copy the whole line, with everything behind the #.",
};

/** The secret stands behind the # of the address, so only this page ever sees it, and only the button sends it. */
export function LinkForm() {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);

  async function signIn() {
    const token = window.location.hash.slice(1);
    if (token.length < 20) return setRefusal(noSecret);
    setBusy(true);
    const answer = await signInByLink({ token });
    if (answer.ok) return window.location.replace("/sign-in/passkey");
    setRefusal(answer.refusal);
    setBusy(false);
  }

  return (
    <div className={css.ways}>
      {refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null}
      <Button onClick={signIn} loading={busy} leftSection={<IconLogin2 size={18} stroke={1.7} aria-hidden />}>
        Sign in
      </Button>
    </div>
  );
}
