"use client";

import dynamic from "next/dynamic";
import type { ReactNode } from "react";
import type { FilterPopoverProps } from "./filter-popover";

// Choosing values is loaded by whoever chooses.
const FilterPopover = dynamic(() => import("./filter-popover").then((module) => module.FilterPopover), { ssr: false });

/** A button, and while it is pressed the choice of a filter's value that hangs from it. */
export function LazyFilterPopover({
  opened,
  children,
  ...props
}: FilterPopoverProps & { opened: boolean; children: ReactNode }) {
  return (
    <>
      {children}
      {opened ? <FilterPopover {...props} /> : null}
    </>
  );
}
