import { IconBan, IconCheck, IconCircleX } from "@tabler/icons-react";
import { outcomeLabels } from "@/lib/audit/labels";
import type { Outcome as Value } from "@/lib/audit/schema";
import css from "./activity.module.css";

const icons = { allowed: IconCheck, denied: IconBan, failed: IconCircleX } as const;

/** How it ended: done, denied in amber, failed in red. */
export function Outcome({ value }: { value: Value }) {
  const Icon = icons[value];
  return (
    <span className={css.outcome} data-outcome={value}>
      <Icon size={15} stroke={1.7} aria-hidden /> {outcomeLabels[value]}
    </span>
  );
}
