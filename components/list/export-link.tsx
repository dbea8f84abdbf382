"use client";

import { IconDownload } from "@tabler/icons-react";
import { usePathname } from "next/navigation";
import { serializeState } from "@/lib/lists/schema";
import { ToolLink } from "../tool-button";
import { useList } from "./list-context";

/** All rows that match, as a file: the columns that are shown. */
export function ExportLink() {
  const { list, state } = useList();
  const path = usePathname();
  const query = serializeState(list, { ...state, place: null, rowsBefore: 0 });
  return (
    <ToolLink href={`${path}/export${query ? `?${query}` : ""}`} download>
      <IconDownload size={16} stroke={1.7} aria-hidden /> Export CSV
    </ToolLink>
  );
}
