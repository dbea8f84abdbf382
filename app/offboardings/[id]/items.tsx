"use client";

import { Button } from "@mantine/core";
import { useState } from "react";
import access from "@/components/access/access.module.css";
import { ActButton } from "@/components/act-button";
import { Panel } from "@/components/panel";
import { Badge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { dispositionWords, itemKindLabels } from "@/lib/offboarding/labels";
import type { OffboardingDetail, OffboardingItemRow } from "@/lib/offboarding/queries";
import { dispose, followAll } from "../actions";
import { DisposeForm } from "./dispose-form";
import css from "./run.module.css";

const firstShown = 50;

/** What is left behind: to whom each goes, or what else becomes of it. */
export function Items({ run }: { run: OffboardingDetail }) {
  const [all, setAll] = useState(false);
  if (run.items.length === 0) return null;
  const open = run.items.filter((item) => item.open);
  const sorted = [...open, ...run.items.filter((item) => !item.open)];
  const suggested = open.filter((item) => item.suggested !== null).length;
  return (
    <Panel
      title="What is left behind"
      aside={open.length === 0 ? "all of it has somebody" : `${open.length} open: the run cannot close before`}
      flush
      action={
        run.may.decide && suggested > 1 ? (
          <ActButton act={followAll} input={{ id: run.id }}>
            {`Follow all ${suggested} suggestions`}
          </ActButton>
        ) : undefined
      }
    >
      <ul>
        {(all ? sorted : sorted.slice(0, firstShown)).map((item) => (
          <Item key={item.id} item={item} mayDecide={run.may.decide} />
        ))}
      </ul>
      {!all && sorted.length > firstShown ? (
        <p className={access.note}>
          <Button size="compact-sm" variant="default" onClick={() => setAll(true)}>
            Show all {sorted.length}
          </Button>
        </p>
      ) : null}
    </Panel>
  );
}

function Item({ item, mayDecide }: { item: OffboardingItemRow; mayDecide: boolean }) {
  const [choosing, setChoosing] = useState(false);
  const { kind, name, detail, open } = item;
  return (
    <li className={css.step}>
      <div className={css.line}>
        <span className={css.grow}>
          {itemKindLabels[kind]}{" "}
          <strong>
            <bdi>{name}</bdi>
          </strong>{" "}
          <span className="dimmed">
            <bdi>{detail}</bdi>
          </span>
        </span>
        {open ? <Badge tone="amber">Open</Badge> : <span className="dimmed">{outcomeOf(item)}</span>}
      </div>
      {item.decidedAt ? (
        <div className={css.detail}>
          {item.disposition ? dispositionWords(kind, item.disposition) : ""} by <bdi>{item.decidedBy}</bdi>,{" "}
          <Time at={item.decidedAt} />
          {item.words ? (
            <>
              : <bdi>{item.words}</bdi>
            </>
          ) : null}
        </div>
      ) : null}
      {open ? <Suggestion item={item} /> : null}
      {open && mayDecide ? (
        <div className={access.buttons}>
          {item.suggested ? (
            <ActButton
              act={dispose}
              input={{
                id: item.id,
                disposition: item.suggested,
                to: item.suggestedTo?.id ?? null,
                reason: item.evidence,
              }}
              name={`Follow the suggestion for ${name}`}
            >
              {item.suggestedTo ? `Hand to ${item.suggestedTo.name}` : dispositionWords(kind, item.suggested)}
            </ActButton>
          ) : null}
          <Button size="compact-sm" variant="subtle" onClick={() => setChoosing(!choosing)} aria-expanded={choosing}>
            Something else…
          </Button>
        </div>
      ) : null}
      {open && choosing ? <DisposeForm item={item} onDone={() => setChoosing(false)} /> : null}
    </li>
  );
}

function Suggestion({ item }: { item: OffboardingItemRow }) {
  if (!item.evidence) return null;
  return (
    <div className={css.detail}>
      {item.suggestedTo ? (
        <>
          Suggested: <bdi>{item.suggestedTo.name}</bdi>, <bdi>{item.evidence}</bdi>
        </>
      ) : (
        <bdi>{item.evidence}</bdi>
      )}
    </div>
  );
}

function outcomeOf({ to, disposition, keepUntil }: OffboardingItemRow) {
  if (to)
    return (
      <>
        with <bdi>{to.name}</bdi>
      </>
    );
  if (disposition === "keep" && keepUntil)
    return (
      <>
        kept until <Time at={keepUntil} as="date" />
      </>
    );
  return "settled";
}
