import { IconChevronRight, IconDots, IconSearch } from "@tabler/icons-react";
import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { Isolated } from "./isolated";
import { Logo } from "./logo";
import css from "./page-header.module.css";

type Props = {
  title: string;
  /** What this page is part of, outermost first. */
  breadcrumb?: readonly { label: string; href: Route }[];
  /** A kind in its box, before the title. */
  icon?: ReactNode;
  /** Beside the title: a count, a time. */
  aside?: ReactNode;
  badges?: ReactNode;
  /** Buttons, at most one of them filled. On a phone they wait behind three dots. */
  actions?: ReactNode;
};

/** The head of every page: where it is, what it is called, its state, and what can be done. */
export function PageHeader({ title, breadcrumb = [], icon, aside, badges, actions }: Props) {
  return (
    <div className={css.header}>
      <span className={css.logo}>
        <Logo size={24} />
      </span>
      {breadcrumb.length > 0 ? (
        <nav className={css.breadcrumb} aria-label="Breadcrumb">
          {breadcrumb.map((step) => (
            <span key={step.href}>
              <Link href={step.href}>{step.label}</Link> <IconChevronRight size={14} stroke={1.7} aria-hidden />
            </span>
          ))}
        </nav>
      ) : null}
      {icon}
      <h1 className={css.title} data-tip={title.length > 40 ? title : undefined}>
        <Isolated value={title} />
      </h1>
      {aside === undefined ? null : <span className={css.aside}>{aside}</span>}
      {badges ? <span className={css.badges}>{badges}</span> : null}
      <span className={css.space} />
      <button type="button" className={css.round} data-find aria-label="Find anything">
        <IconSearch size={20} stroke={1.7} aria-hidden />
      </button>
      {actions ? (
        <>
          <button type="button" className={css.round} popoverTarget="page-actions" aria-label="Actions">
            <IconDots size={20} stroke={1.7} aria-hidden />
          </button>
          <div id="page-actions" popover="auto" className={css.actions}>
            {actions}
          </div>
        </>
      ) : null}
    </div>
  );
}
