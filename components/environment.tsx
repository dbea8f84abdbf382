import type { Environment as Value } from "@/lib/inventory/schema";
import css from "./environment.module.css";

/** Production in an ink outline with a square; the others grey; none said in words. */
export function Environment({ value }: { value: Value | null }) {
  if (value === null) return <span className="dimmed">not set</span>;
  return (
    <span className={css.environment} data-value={value}>
      {value}
    </span>
  );
}
