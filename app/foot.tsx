import { IconRefresh, IconRosetteDiscountCheck } from "@tabler/icons-react";
import Link from "next/link";
import { numberWords } from "@/components/count";
import { Time } from "@/components/time";
import type { FrameFacts } from "@/lib/inventory/frame-queries";
import css from "./foot.module.css";

/** How far the record is, and how many systems were read in time. */
export function Foot({ facts }: { facts: FrameFacts }) {
  const { systems, record } = facts;
  return (
    <>
      {record ? (
        <Link href="/activity" prefetch={false} className={css.line}>
          <IconRosetteDiscountCheck size={16} stroke={1.7} aria-hidden />
          <span>
            {numberWords(record.size)} events
            {record.lastAt ? (
              <>
                , <Time at={record.lastAt} />
              </>
            ) : null}
            {record.waiting > 0 ? <>, {numberWords(record.waiting)} to come</> : null}
          </span>
        </Link>
      ) : null}
      {systems ? (
        <Link
          href="/connections"
          prefetch={false}
          className={css.line}
          data-tone={systems.current < systems.total ? "warn" : undefined}
        >
          <IconRefresh size={16} stroke={1.7} aria-hidden />
          <span>
            {systems.total === 0 ? "no system yet" : `${systems.current} of ${systems.total} systems current`}
          </span>
        </Link>
      ) : null}
    </>
  );
}
