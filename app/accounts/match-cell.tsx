"use client";

import { Button } from "@mantine/core";
import type { Route } from "next";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useState } from "react";
import css from "@/components/list/cells.module.css";
import { Name } from "@/components/name";
import type { AccountRow } from "@/lib/inventory/account-list-queries";

// Matching is loaded by whoever matches.
const MatchModal = dynamic(() => import("./match-modal").then((module) => module.MatchModal), { ssr: false });

/** Whose an account is and why; and the way to say it. */
export function MatchCell({ row, mayMatch }: { row: AccountRow; mayMatch: boolean }) {
  const [matching, setMatching] = useState(false);
  return (
    <span className={css.pair}>
      {row.identity ? (
        <Link
          href={`/identities/${row.identity.id}` as Route}
          prefetch={false}
          className={css.pair}
          data-tip={row.matchReason ?? undefined}
        >
          <Name value={row.identity.name} />
        </Link>
      ) : (
        <span className="dimmed">unmatched</span>
      )}
      {mayMatch ? (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`Match ${row.name}`}
          aria-haspopup="dialog"
          onClick={() => setMatching(true)}
        >
          {row.identity ? "Change…" : "Match…"}
        </Button>
      ) : null}
      {matching ? <MatchModal row={row} onClose={() => setMatching(false)} /> : null}
    </span>
  );
}
