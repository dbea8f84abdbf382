"use client";

import { Button } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, useId } from "react";
import css from "./as-of.module.css";
import { useReaderFacts } from "./reader";

type Props = {
  /** The page, and what of its address stays. */
  path: string;
  keep: Record<string, string | undefined>;
  at: string | undefined;
  firstSeenAt: Date;
};

/** Shows a page as it was at the end of a day: who could reach what then. */
export function AsOf({ path, keep, at, firstSeenAt }: Props) {
  const router = useRouter();
  const popover = useId();
  const { nowMs } = useReaderFacts();
  const hrefAt = (day: string | undefined) => {
    const query = new URLSearchParams(
      Object.entries({ ...keep, at: day }).flatMap(([name, value]) => (value ? [[name, value]] : [])),
    );
    return `${path}${query.size > 0 ? `?${query}` : ""}` as Route;
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    document.getElementById(popover)?.hidePopover();
    router.push(hrefAt(String(new FormData(event.currentTarget).get("at") ?? "")));
  };
  return (
    <span className={css.asOf}>
      <Button
        variant="default"
        leftSection={<IconHistory size={16} stroke={1.7} aria-hidden />}
        popoverTarget={popover}
        aria-haspopup="dialog"
      >
        {at ? `As of ${at.slice(0, 10)}` : "As of…"}
      </Button>
      <div id={popover} popover="auto" className={css.popover} role="dialog" aria-label="As of">
        <form onSubmit={submit}>
          <label htmlFor={`${popover}-day`}>At the end of the day (UTC)</label>
          <input
            id={`${popover}-day`}
            type="date"
            name="at"
            required
            defaultValue={at?.slice(0, 10)}
            min={firstSeenAt.toISOString().slice(0, 10)}
            max={new Date(nowMs).toISOString().slice(0, 10)}
            suppressHydrationWarning
          />
          <Button type="submit">Show</Button>
        </form>
        {at ? <Link href={hrefAt(undefined)}>Back to now</Link> : null}
      </div>
    </span>
  );
}
