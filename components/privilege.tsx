import { privilegeLabels } from "@/lib/inventory/labels";
import css from "./privilege.module.css";

/** Four rising bars and a word; only "Everything" is red. @param level 0 none to 4 everything. */
export function Privilege({ level, bare }: { level: number; bare?: true }) {
  const word = privilegeLabels[level] ?? "None";
  return (
    <span className={css.privilege} data-level={level} data-tip={bare ? word : undefined}>
      <svg width="14" height="12" viewBox="0 0 14 12" aria-hidden="true" className={css.bars}>
        {[1, 2, 3, 4].map((bar) => (
          <rect
            key={bar}
            x={(bar - 1) * 3.8}
            y={12 - bar * 3}
            width="2.6"
            height={bar * 3}
            rx="0.6"
            data-on={bar <= level}
          />
        ))}
      </svg>
      <span className={bare ? "unseen" : undefined}>{word}</span>
    </span>
  );
}
