"use client";

import { Button } from "@mantine/core";
import { IconCircleCheck, IconCircleDashed } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import access from "@/components/access/access.module.css";
import { ActButton } from "@/components/act-button";
import { Isolated } from "@/components/isolated";
import { Panel } from "@/components/panel";
import { Badge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { dispositionWords, itemKindLabels } from "@/lib/offboarding/labels";
import type { OffboardingDetail, OffboardingItemRow } from "@/lib/offboarding/queries";
import { dispose, followAll } from "../actions";
import { useFolded } from "../use-folded";
import { DisposeForm } from "./dispose-form";
import css from "./run.module.css";

const firstShown = 50;

/** What is left behind: to whom each goes, or what else becomes of it; what is open stands first. */
export function Items({ run }: { run: OffboardingDetail }) {
  const open = run.items.filter((item) => item.open);
  const { shown, more } = useFolded([...open, ...run.items.filter((item) => !item.open)], firstShown);
  if (run.items.length === 0) return null;
  // Of a run that is undone only the way back is left to be decided on.
  const mayDecide = run.may.decide && run.state !== "cancelled";
  const suggested = open.filter((item) => item.suggested !== null).length;
  return (
    <div id="left-behind">
      <Panel
        title="Left behind"
        aside={
          open.length === 0
            ? `${run.items.length}, each has somebody or an end`
            : `${run.items.length}, the run cannot close with ${open.length} open`
        }
        flush
        action={
          mayDecide && suggested > 1 ? (
            <ActButton act={followAll} input={{ id: run.id }}>
              {`Follow ${suggested} suggestions`}
            </ActButton>
          ) : undefined
        }
      >
        <ul>
          {shown.map((item) => (
            <Item key={item.id} item={item} mayDecide={mayDecide} />
          ))}
        </ul>
        {more}
      </Panel>
    </div>
  );
}

function Item({ item, mayDecide }: { item: OffboardingItemRow; mayDecide: boolean }) {
  const [choosing, setChoosing] = useState(false);
  const { kind, name, detail, open } = item;
  return (
    <li className={css.item}>
      <div className={css.itemWhat}>
        <span>
          <span className="dimmed">{itemKindLabels[kind]}</span>{" "}
          <strong>
            <Isolated value={name} />
          </strong>
        </span>
        {detail ? (
          <span className={css.detail}>
            <Isolated value={detail} />
          </span>
        ) : null}
        {open && item.evidence ? (
          <span className={css.detail}>
            {item.suggestedTo ? (
              <>
                Suggested: <Isolated value={item.suggestedTo.name} />, <Isolated value={item.evidence} />
              </>
            ) : (
              <Isolated value={item.evidence} />
            )}
          </span>
        ) : null}
        <Decided item={item} />
      </div>
      <div className={css.itemEnd}>
        {open && mayDecide ? (
          <div className={access.buttons}>
            <Suggestion item={item} />
            <Button size="compact-sm" variant="subtle" onClick={() => setChoosing(!choosing)} aria-expanded={choosing}>
              {item.suggested ? "Something else…" : "Decide…"}
              <span className="unseen"> for {name}</span>
            </Button>
          </div>
        ) : null}
        {open ? (
          <Badge tone="amber" icon={IconCircleDashed}>
            Open
          </Badge>
        ) : (
          <Badge tone="green" icon={IconCircleCheck}>
            Settled
          </Badge>
        )}
      </div>
      {open && choosing ? (
        <div className={css.itemForm}>
          <DisposeForm item={item} onDone={() => setChoosing(false)} />
        </div>
      ) : null}
    </li>
  );
}

function Suggestion({ item }: { item: OffboardingItemRow }) {
  const { id, kind, name, suggested, suggestedTo, evidence } = item;
  if (suggested === null) return null;
  return (
    <ActButton
      act={dispose}
      input={{ id, disposition: suggested, to: suggestedTo?.id ?? null, reason: evidence }}
      name={`Follow the suggestion for ${name}`}
    >
      {suggestedTo ? (
        <span className={css.clip}>
          Hand to <Isolated value={suggestedTo.name} />
        </span>
      ) : (
        dispositionWords(kind, suggested)
      )}
    </ActButton>
  );
}

function Decided({ item }: { item: OffboardingItemRow }) {
  const { kind, disposition, decidedAt, decidedBy, words } = item;
  if (decidedAt === null && item.open) return null;
  return (
    <span className={css.detail}>
      {outcomeOf(item)}
      {decidedAt && disposition ? (
        <>
          {" · "}
          {dispositionWords(kind, disposition)} by <Isolated value={decidedBy} />, <Time at={decidedAt} />
          {words ? (
            <>
              : <Isolated value={words} />
            </>
          ) : null}
        </>
      ) : null}
    </span>
  );
}

function outcomeOf({ to, disposition, keepUntil, open }: OffboardingItemRow): ReactNode {
  if (to)
    return (
      <>
        With <Isolated value={to.name} />
      </>
    );
  if (disposition === "keep" && keepUntil)
    return (
      <>
        {open ? "Was kept until" : "Kept until"} <Time at={keepUntil} as="date" />
      </>
    );
  return open ? "Still so" : "No longer so";
}
