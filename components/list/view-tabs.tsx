"use client";

import { IconPlus } from "@tabler/icons-react";
import type { Route } from "next";
import dynamic from "next/dynamic";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { type ReactNode, useState } from "react";
import { serializeState, viewOf } from "@/lib/lists/schema";
import { Isolated } from "../isolated";
import { currentViewOf, useList } from "./list-context";
import type { SaveViewProps } from "./save-view-modal";
import css from "./view-tabs.module.css";

const SaveViewModal = dynamic(() => import("./save-view-modal").then((module) => module.SaveViewModal), { ssr: false });

export type ViewTab = { id: string; name: string; query: string; count: ReactNode };

type Props = { views: readonly ViewTab[] } & Omit<SaveViewProps, "onClose" | "query">;

/** Named addresses of this list. The one that shows just what is shown is the current one. */
export function ViewTabs({ views, ...actions }: Props) {
  const value = useList();
  const { list, state } = value;
  const path = usePathname();
  const [saving, setSaving] = useState(false);
  const here = serializeState(list, viewOf(state));
  const current = currentViewOf(value);
  const hrefOf = (view: ViewTab) => (view.query ? `${path}?${view.query}` : path) as Route;
  return (
    <div className={css.place}>
      <nav className={css.tabs} aria-label={`Views of ${list.noun.many}`}>
        {views.map((view) => (
          <Link
            key={view.id}
            href={hrefOf(view)}
            className={css.tab}
            prefetch={false}
            scroll={false}
            aria-current={view.id === current?.id ? "page" : undefined}
          >
            <Isolated value={view.name} /> <span className={css.count}>{view.count}</span>
          </Link>
        ))}
        <button type="button" className={css.save} onClick={() => setSaving(true)} aria-haspopup="dialog">
          <IconPlus size={15} stroke={1.7} aria-hidden /> Save this view
        </button>
      </nav>
      {saving ? <SaveViewModal {...actions} query={here} onClose={() => setSaving(false)} /> : null}
    </div>
  );
}
