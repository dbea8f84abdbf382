import css from "./skeleton-rows.module.css";

const widths = [190, 240, 150, 210, 175, 260, 140, 200];

/** Rows that are still being read: they keep their place and do not move. Shown only after 150 ms. */
export function SkeletonRows({ rows = 12, height = 36 }: { rows?: number; height?: number }) {
  return (
    <div className={css.rows} role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows without content never move
        <div key={row} className={css.row} style={{ height }}>
          <span className={css.box} />
          <span className={css.bar} style={{ width: widths[row % widths.length] }} />
          <span className={css.end} />
        </div>
      ))}
    </div>
  );
}
