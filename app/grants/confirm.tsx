"use client";

import { Button } from "@mantine/core";
import { IconFingerprint } from "@tabler/icons-react";
import { useState, useTransition } from "react";
import css from "@/components/access/access.module.css";
import { ErrorNote } from "@/components/error-note";
import { Panel } from "@/components/panel";
import { Time } from "@/components/time";
import type { Refusal } from "@/lib/errors";
import { provePresent } from "../prove-present";
import { beginConfirm, confirm } from "./actions";

/** What was approved begins when whoever it is for confirms that with their passkey. */
export function Confirm({ id, by }: { id: string; by: string }) {
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();
  const begin = () =>
    startWork(async () => {
      const proved = await provePresent(() => beginConfirm({ id }));
      if (proved.refusal) return setRefusal(proved.refusal);
      const done = await confirm({ id, proof: proved.proof });
      setRefusal(done.ok ? null : done.refusal);
    });
  return (
    <Panel title="Waits for you" aside="approved; its time runs from when you begin">
      <div className={css.form}>
        <p>
          Confirm with your passkey that you are there, and it begins. What nobody confirms by <Time at={by} /> ends
          unused.
        </p>
        {refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null}
        <div className={css.buttons}>
          <Button onClick={begin} loading={busy} leftSection={<IconFingerprint size={18} stroke={1.7} aria-hidden />}>
            Begin the access
          </Button>
        </div>
      </div>
    </Panel>
  );
}
