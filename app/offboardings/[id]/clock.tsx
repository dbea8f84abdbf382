import type { ReactNode } from "react";
import css from "./run.module.css";

type ClockProps = {
  title: string;
  badge?: ReactNode;
  big: ReactNode;
  aside?: ReactNode;
  done: number;
  of: number;
  children: ReactNode;
};

/** One clock: what it asks, the answer so far, a bar, and what is behind it. */
export function Clock({ title, badge, big, aside, done, of, children }: ClockProps) {
  return (
    <section className={css.clock} aria-label={title}>
      <div className={css.clockHead}>
        <h2>{title}</h2>
        {badge}
      </div>
      <div className={css.clockFigure}>
        <strong>{big}</strong>
        <span className="dimmed">{aside}</span>
      </div>
      <progress className={css.bar} max={Math.max(1, of)} value={done} aria-label={title} data-full={done >= of} />
      <p className="dimmed">{children}</p>
    </section>
  );
}
