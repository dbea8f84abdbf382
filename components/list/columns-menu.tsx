"use client";

import { IconColumns3 } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import { ToolButton } from "../tool-button";

// Choosing columns is loaded by whoever chooses.
const ColumnsChoice = dynamic(() => import("./columns-choice").then((module) => module.ColumnsChoice), { ssr: false });

/** Which columns are shown; the choice is part of the address. */
export function ColumnsMenu() {
  const [open, setOpen] = useState(false);
  return (
    <span style={{ position: "relative" }}>
      <ToolButton aria-haspopup="dialog" aria-expanded={open} onClick={() => setOpen(!open)}>
        <IconColumns3 size={16} stroke={1.7} aria-hidden /> Columns
      </ToolButton>
      {open ? <ColumnsChoice onClose={() => setOpen(false)} /> : null}
    </span>
  );
}
