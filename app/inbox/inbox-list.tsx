"use client";

import { Button } from "@mantine/core";
import { IconFingerprint } from "@tabler/icons-react";
import type { Route } from "next";
import Link from "next/link";
import { useState, useTransition } from "react";
import css from "@/components/access/access.module.css";
import { accessWords } from "@/components/access/duration-words";
import { What } from "@/components/access/what";
import { ErrorNote } from "@/components/error-note";
import { Isolated } from "@/components/isolated";
import { Name } from "@/components/name";
import { Initials } from "@/components/owner";
import { Panel } from "@/components/panel";
import { Privilege } from "@/components/privilege";
import { Time } from "@/components/time";
import type { Refusal } from "@/lib/errors";
import type { InboxRow } from "@/lib/requests/inbox-queries";
import { lengthWords } from "@/lib/requests/labels";
import { decideMany } from "./actions";

/** What waits for a decision; those that ask for the same can be decided together. */
export function InboxList({ rows }: { rows: InboxRow[] }) {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const picked = rows.filter((row) => chosen.includes(row.id));
  const key = picked[0]?.sameKey;
  const same = key === undefined ? [] : rows.filter((row) => isSame(row, key));
  const fits = (row: InboxRow) => !row.needsPasskey && (key === undefined || row.sameKey === key);
  return (
    <Panel title="To decide" aside="what has waited longest first" flush>
      <ul className={css.rows}>
        {rows.map((row) => (
          <li key={`${row.id} ${row.step.id}`} className={css.row}>
            <input
              type="checkbox"
              aria-label={`Select R-${row.number}`}
              checked={chosen.includes(row.id)}
              disabled={!fits(row)}
              onChange={() => setChosen((now) => toggled(now, row.id))}
            />
            <Initials name={row.subject.name} size={24} />
            <Link href={`/inbox/${row.id}` as Route} prefetch={false} className={css.grow}>
              <strong>
                <Name value={row.subject.name} />
              </strong>
              <span className="dimmed">, {whyWords(row)}</span>
              <br />
              {row.items[0] ? <What {...row.items[0]} /> : null}
              {row.itemCount > 1 ? ` and ${row.itemCount - 1} more` : ""},{" "}
              <span className={css.whole}>{lengthWords(row)}</span>
              <br />
              <span className={css.oneLine}>
                <Isolated value={row.reason} />
              </span>
            </Link>
            {row.needsPasskey ? <IconFingerprint size={18} stroke={1.7} aria-label="asks for a passkey" /> : null}
            <Privilege level={Math.max(...row.items.map((item) => item.privilege), 0)} />
            <span className={`dimmed ${css.when}`}>
              <Time at={row.since} />
            </span>
          </li>
        ))}
      </ul>
      {picked.length > 0 ? (
        <Together
          picked={picked}
          same={same}
          onAll={() => setChosen(same.map((row) => row.id))}
          onDone={() => setChosen([])}
        />
      ) : null}
    </Panel>
  );
}

function isSame(row: InboxRow, key: string): boolean {
  return row.sameKey === key && !row.needsPasskey;
}

function toggled(now: readonly string[], id: string): string[] {
  return now.includes(id) ? now.filter((it) => it !== id) : [...now, id];
}

function whyWords(row: InboxRow): string {
  return row.onBehalfOf ? `for ${row.onBehalfOf}` : `you decide as ${row.becauseOf}`;
}

type TogetherProps = { picked: InboxRow[]; same: InboxRow[]; onAll: () => void; onDone: () => void };

function Together({ picked, same, onAll, onDone }: TogetherProps) {
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();
  const [first] = picked;
  const decide = (decision: "approve" | "deny") =>
    startWork(async () => {
      const answer = await decideMany({ ids: picked.map((row) => row.id), decision });
      if (!answer.ok) return setRefusal(answer.refusal);
      const [refused] = answer.value.refused;
      if (!refused) return onDone();
      const left = `${answer.value.decided} decided, ${answer.value.refused.length} not: ${refused.message}`;
      setRefusal({ code: "conflict", message: left });
    });
  const what = first?.items[0] ? accessWords(first.items[0]) : "the same";
  return (
    <div className={css.note}>
      <div className={css.buttons}>
        <span role="status">
          {picked.length} for <Isolated value={what} />, {first ? lengthWords(first) : ""}
        </span>
        {same.length > picked.length ? (
          <Button variant="default" onClick={onAll}>
            Select all {same.length} that ask for the same
          </Button>
        ) : null}
        <Button variant="outline" className={css.destructive ?? ""} onClick={() => decide("deny")} loading={busy}>
          Deny {picked.length}
        </Button>
        <Button onClick={() => decide("approve")} loading={busy}>
          Approve {picked.length}
        </Button>
      </div>
      {refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null}
    </div>
  );
}
