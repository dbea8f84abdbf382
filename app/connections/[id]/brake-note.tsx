"use client";

import { Button } from "@mantine/core";
import { IconHandStop } from "@tabler/icons-react";
import { useState, useTransition } from "react";
import { ConfirmModal } from "@/components/confirm-modal";
import { numberWords } from "@/components/count";
import { Isolated } from "@/components/isolated";
import { Time } from "@/components/time";
import type { SyncBrake } from "@/lib/connections/schema";
import type { Refusal } from "@/lib/errors";
import { applyPaused, discardPaused } from "../actions";
import css from "../connections.module.css";
import { RefusalNote } from "../refusal-note";
import { kindName } from "../words";

type Props = { runId: string; name: string; brake: SyncBrake; lastReadAt: Date | null; mayResolve: boolean };

/** A sync that the brake has paused: what it would remove, and the two ways on. */
export function BrakeNote({ runId, name, brake, lastReadAt, mayResolve }: Props) {
  const [asked, setAsked] = useState<"apply" | "discard" | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();
  const total = brake.kinds.reduce((sum, kind) => sum + kind.removed, 0);

  function resolve() {
    startWork(async () => {
      const result = await (asked === "apply" ? applyPaused : discardPaused)({ runId });
      setRefusal(result.ok ? null : result.refusal);
      if (result.ok) setAsked(null);
    });
  }

  return (
    <section className={css.brake} aria-label="Paused by the brake">
      <h2>
        <IconHandStop size={16} stroke={2} aria-hidden /> Paused: this sync would remove {numberWords(total)} things
      </h2>
      <p>
        Nothing was changed.{" "}
        {lastReadAt ? (
          <>
            The inventory stands as of <Time at={lastReadAt} as="full" />.
          </>
        ) : null}{" "}
        It may be true, or the system did not show everything.
      </p>
      <ul>
        {brake.kinds.map((kind) => (
          <li key={kind.kind}>
            <strong>
              {numberWords(kind.removed)} of {numberWords(kind.of)} {kindName(kind.kind)}
            </strong>{" "}
            (the brake allows {Math.round(kind.limitShare * 100)} %){kind.examples.length > 0 ? ": " : ""}
            <Isolated mono value={kind.examples.join(", ")} />
            {kind.removed > kind.examples.length && kind.examples.length > 0 ? " …" : ""}
          </li>
        ))}
      </ul>
      {mayResolve ? (
        <div className={css.buttons}>
          <Button variant="outline" color="red" onClick={() => setAsked("apply")}>
            Apply anyway…
          </Button>
          <Button variant="default" onClick={() => setAsked("discard")}>
            Discard…
          </Button>
        </div>
      ) : (
        <p className="dimmed">An administrator or somebody of security decides.</p>
      )}
      <ConfirmModal
        opened={asked !== null}
        onClose={() => setAsked(null)}
        onConfirm={resolve}
        busy={busy}
        title={asked === "apply" ? `Apply the sync of ${name}?` : `Discard the sync of ${name}?`}
        effects={
          asked === "apply"
            ? brake.kinds.map((kind) => ({
                what: `${numberWords(kind.removed)} ${kindName(kind.kind)} end`,
                detail: `of ${numberWords(kind.of)}`,
              }))
            : []
        }
        typeToConfirm={asked === "apply" ? name : undefined}
        confirmLabel={asked === "apply" ? `Apply, end ${numberWords(total)}` : "Discard what was read"}
        destructive={asked === "apply"}
        error={refusal ? <RefusalNote refusal={refusal} /> : null}
      >
        {asked === "apply"
          ? "They stay in the history; a later sync that sees them again brings them back."
          : "The inventory stays as it was; the next sync comes as scheduled."}
      </ConfirmModal>
    </section>
  );
}
