"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import { useList } from "@/components/list/list-context";
import { ToolButton } from "@/components/tool-button";

// The question is loaded by whoever asks it.
const RevokeModal = dynamic(() => import("./revoke-modal").then((module) => module.RevokeModal), { ssr: false });

/** Ends the selected grants, after saying what goes. */
export function RevokeSelected() {
  const { selected, select } = useList();
  const [asking, setAsking] = useState(false);
  const ids = Object.keys(selected);
  return (
    <>
      <ToolButton aria-haspopup="dialog" onClick={() => setAsking(true)}>
        Revoke {ids.length}…
      </ToolButton>
      {asking ? (
        <RevokeModal
          ids={ids}
          onClose={() => setAsking(false)}
          onDone={() => {
            setAsking(false);
            select(() => ({}));
          }}
        />
      ) : null}
    </>
  );
}
