"use client";

import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { usePathname } from "next/navigation";
import { serializeState } from "@/lib/lists/schema";
import { useList } from "./list-context";

/** All rows that match, as a file: the columns that are shown. */
export function ExportLink() {
  const { list, state } = useList();
  const path = usePathname();
  const query = serializeState(list, { ...state, place: null, rowsBefore: 0 });
  return (
    <Button
      component="a"
      href={`${path}/export${query ? `?${query}` : ""}`}
      download
      variant="default"
      leftSection={<IconDownload size={16} stroke={1.7} aria-hidden />}
    >
      Export CSV
    </Button>
  );
}
