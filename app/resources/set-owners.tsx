"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import { useList } from "@/components/list/list-context";
import { ToolButton } from "@/components/tool-button";

// Loaded by whoever sets owners.
const OwnerModal = dynamic(() => import("./owner-modal").then((module) => module.OwnerModal), { ssr: false });

/** Says who answers for all selected resources. */
export function SetOwners() {
  const { selected, select } = useList();
  const [open, setOpen] = useState(false);
  return (
    <>
      <ToolButton aria-haspopup="dialog" onClick={() => setOpen(true)}>
        Set owner…
      </ToolButton>
      {open ? (
        <OwnerModal
          ids={Object.keys(selected)}
          owner={null}
          onClose={() => setOpen(false)}
          onDone={() => {
            setOpen(false);
            select(() => ({}));
          }}
        />
      ) : null}
    </>
  );
}
