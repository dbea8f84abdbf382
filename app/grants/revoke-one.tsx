"use client";

import { Button } from "@mantine/core";
import dynamic from "next/dynamic";
import { useState } from "react";
import css from "@/components/access/access.module.css";

const RevokeModal = dynamic(() => import("./revoke-modal").then((module) => module.RevokeModal), { ssr: false });

/** Ends one grant: for its holder it is giving back. */
export function RevokeOne({ id, name, children }: { id: string; name: string; children?: string }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button
        variant="outline"
        size="compact-sm"
        className={css.destructive ?? ""}
        aria-label={`${children ?? "Revoke"} ${name}`}
        onClick={() => setAsking(true)}
      >
        {children ?? "Revoke…"}
      </Button>
      {asking ? (
        <RevokeModal ids={[id]} name={name} onClose={() => setAsking(false)} onDone={() => setAsking(false)} />
      ) : null}
    </>
  );
}
