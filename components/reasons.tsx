import { IconAlertTriangle } from "@tabler/icons-react";
import type { Justification } from "@/lib/access/schema";
import css from "./reasons.module.css";
import { Time } from "./time";

const words = {
  grant: "Grant",
  baseline: "Baseline rule",
  review: "Review",
  break_glass: "Break-glass",
  unmanaged: "Unmanaged",
} as const;

/** Why access stands. What nobody here can say why is said so, in amber. */
export function Reasons({ reasons }: { reasons: readonly Justification[] }) {
  return reasons.map((reason, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: reasons have no order to change
    <span key={index} className={reason.type === "unmanaged" ? css.unmanaged : undefined}>
      {reason.type === "unmanaged" ? <IconAlertTriangle size={14} stroke={1.7} aria-hidden /> : null}
      {words[reason.type]}
      {reason.until ? (
        <>
          , until <Time at={reason.until} as="full" />
        </>
      ) : null}
    </span>
  ));
}
