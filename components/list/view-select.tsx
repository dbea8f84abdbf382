"use client";

import type { Route } from "next";
import { usePathname, useRouter } from "next/navigation";
import { currentViewOf, useList } from "./list-context";

/** The views as a choice, where there is no room for tabs. */
export function ViewSelect({ className }: { className: string }) {
  const value = useList();
  const router = useRouter();
  const path = usePathname();
  const current = currentViewOf(value);
  if (value.views.length === 0) return null;
  return (
    <select
      className={className}
      aria-label="View"
      value={current?.id ?? ""}
      onChange={(event) => {
        const chosen = value.views.find((view) => view.id === event.currentTarget.value);
        if (chosen) router.push((chosen.query ? `${path}?${chosen.query}` : path) as Route);
      }}
    >
      {current ? null : <option value="">Own filters</option>}
      {value.views.map((view) => (
        <option key={view.id} value={view.id}>
          {view.name}
        </option>
      ))}
    </select>
  );
}
