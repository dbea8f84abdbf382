"use client";

import { Button } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, useId } from "react";
import { useReaderFacts } from "@/components/reader";
import css from "./identity.module.css";
import { hrefOf, type Search } from "./search";

type Props = { id: string; search: Search; firstSeenAt: Date };

/** Shows the page as it was on a day: who could reach what then. */
export function AsOf({ id, search, firstSeenAt }: Props) {
  const router = useRouter();
  const popover = useId();
  const { nowMs } = useReaderFacts();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    document.getElementById(popover)?.hidePopover();
    const at = String(new FormData(event.currentTarget).get("at") ?? "");
    router.push(hrefOf(id, search, { at }));
  };
  return (
    <span className={css.asOf}>
      <Button
        variant="default"
        leftSection={<IconHistory size={16} stroke={1.7} aria-hidden />}
        popoverTarget={popover}
        aria-haspopup="dialog"
      >
        {search.at ? `As of ${search.at.slice(0, 10)}` : "As of…"}
      </Button>
      <div id={popover} popover="auto" className={css.popover} role="dialog" aria-label="As of">
        <form onSubmit={submit}>
          <label htmlFor={`${popover}-day`}>At the end of the day (UTC)</label>
          <input
            id={`${popover}-day`}
            type="date"
            name="at"
            required
            defaultValue={search.at?.slice(0, 10)}
            min={firstSeenAt.toISOString().slice(0, 10)}
            max={new Date(nowMs).toISOString().slice(0, 10)}
          />
          <Button type="submit">Show</Button>
        </form>
        {search.at ? <Link href={hrefOf(id, search, { at: undefined })}>Back to now</Link> : null}
      </div>
    </span>
  );
}
