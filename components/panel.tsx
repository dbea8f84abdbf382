import type { ReactNode } from "react";
import css from "./panel.module.css";

type Props = {
  title: string;
  /** Beside the title, dimmed: a count, what is measured. */
  aside?: ReactNode;
  /** At the right end of the head: a link, a legend. */
  action?: ReactNode;
  /** Rows run to the edges; text does not. */
  flush?: true;
  className?: string;
  children: ReactNode;
};

/** A bordered part of a page under a heading. */
export function Panel({ title, aside, action, flush, className, children }: Props) {
  return (
    <section className={[css.panel, className].filter(Boolean).join(" ")} aria-label={title}>
      <div className={css.head}>
        <h2 className={css.title}>{title}</h2>
        {aside === undefined ? null : <span className={css.aside}>{aside}</span>}
        {action === undefined ? null : <span className={css.action}>{action}</span>}
      </div>
      <div className={flush ? undefined : css.body}>{children}</div>
    </section>
  );
}

/** Facts in a row, each under its name. */
export function FactStrip({ facts }: { facts: readonly { label: string; value: ReactNode }[] }) {
  return (
    <dl className={css.strip}>
      {facts.map((fact) => (
        <div key={fact.label} className={css.fact}>
          <dt>{fact.label}</dt>
          <dd>{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}
