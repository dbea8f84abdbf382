"use client";

import { Button } from "@mantine/core";
import { IconFingerprint, IconLogin2 } from "@tabler/icons-react";
import { useState } from "react";
import { ErrorNote } from "@/components/error-note";
import type { Refusal } from "@/lib/errors";
import { askPasskey } from "./ask-passkey";
import css from "./sign-in.module.css";
import { leaveForSingleSignOn } from "./single-sign-on";

type Props = { next: string; singleSignOn: string | null; passkeys: boolean };

/** The ways in: single sign-on where it is set up, and a passkey. */
export function SignInWays({ next, singleSignOn, passkeys }: Props) {
  const [busy, setBusy] = useState<"sso" | "passkey" | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);

  async function start(way: "sso" | "passkey") {
    setBusy(way);
    setRefusal(null);
    const refused = way === "sso" ? await leaveForSingleSignOn(next) : await askPasskey();
    if (refused === null) {
      // A whole new page: nothing of the signed-out one stays in memory.
      if (way === "passkey") window.location.assign(next);
      return;
    }
    setRefusal(refused);
    setBusy(null);
  }

  return (
    <div className={css.ways}>
      {refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null}
      {singleSignOn ? (
        <Button
          onClick={() => start("sso")}
          loading={busy === "sso"}
          disabled={busy === "passkey"}
          leftSection={<IconLogin2 size={18} stroke={1.7} aria-hidden />}
        >
          Continue with {singleSignOn}
        </Button>
      ) : null}
      {passkeys ? (
        <Button
          variant={singleSignOn ? "default" : "filled"}
          onClick={() => start("passkey")}
          loading={busy === "passkey"}
          disabled={busy === "sso"}
          leftSection={<IconFingerprint size={18} stroke={1.7} aria-hidden />}
        >
          Sign in with a passkey
        </Button>
      ) : null}
      {!singleSignOn && !passkeys ? (
        <ErrorNote
          title="There is no way to sign in at this address."
          remedy="Browsers keep passkeys only for a name with https, or for localhost. Set NEXTAUTH_URL to such an address, or set up single sign-on."
        />
      ) : null}
    </div>
  );
}
