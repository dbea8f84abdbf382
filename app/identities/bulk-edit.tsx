"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import { useList } from "@/components/list/list-context";
import { ToolButton } from "@/components/tool-button";
import type { EditedField } from "./bulk-edit-modal";

// Editing is loaded by whoever edits.
const BulkEditModal = dynamic(() => import("./bulk-edit-modal").then((module) => module.BulkEditModal), { ssr: false });

const fields: readonly { field: EditedField; label: string }[] = [
  { field: "ownerId", label: "Set owner…" },
  { field: "backupOwnerId", label: "Backup owner…" },
  { field: "purpose", label: "Purpose…" },
  { field: "environment", label: "Environment…" },
  { field: "criticality", label: "Criticality…" },
  { field: "kind", label: "Kind…" },
];

/** What can be said of all selected identities at once. */
export function BulkEdit() {
  const { selected, select } = useList();
  const [field, setField] = useState<EditedField | null>(null);
  return (
    <>
      {fields.map((one) => (
        <ToolButton key={one.field} aria-haspopup="dialog" onClick={() => setField(one.field)}>
          {one.label}
        </ToolButton>
      ))}
      {field ? (
        <BulkEditModal
          field={field}
          ids={Object.keys(selected)}
          onClose={() => setField(null)}
          onDone={() => {
            setField(null);
            select(() => ({}));
          }}
        />
      ) : null}
    </>
  );
}
