import type { Route } from "next";
import Link from "next/link";
import { Count } from "./count";
import css from "./tabs.module.css";

export type Tab = {
  key: string;
  label: string;
  href: Route;
  count?: number;
  /** Counting stopped there. */
  capped?: boolean;
};

/** The parts of a page, each an address of its own. */
export function Tabs({ label, tabs, current }: { label: string; tabs: readonly Tab[]; current: string }) {
  return (
    <nav className={css.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <Link
          key={tab.key}
          href={tab.href}
          aria-current={tab.key === current ? "page" : undefined}
          prefetch={false}
          scroll={false}
        >
          {tab.label}
          {tab.count === undefined ? null : <Count value={tab.count} capped={tab.capped} className={css.count} />}
        </Link>
      ))}
    </nav>
  );
}
