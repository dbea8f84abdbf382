import { IconCirclePlus, IconClock, IconMinus } from "@tabler/icons-react";
import css from "@/components/access/access.module.css";
import { Count, numberWords } from "@/components/count";
import { Isolated } from "@/components/isolated";
import { KindIcon } from "@/components/kind-icon";
import { LastUse } from "@/components/last-use";
import { Name } from "@/components/name";
import { Panel } from "@/components/panel";
import { Privilege } from "@/components/privilege";
import { Time } from "@/components/time";
import type { ApprovalFacts, ItemFacts } from "@/lib/requests/approval-facts";
import type { ItemHolders } from "@/lib/requests/holder-queries";
import type { DecisionView } from "@/lib/requests/inbox-queries";

/** What the subject could newly do, the mightiest first. */
export function Opens({ facts, name }: { facts: ApprovalFacts; name: string }) {
  return (
    <Panel
      title="What this opens"
      action={
        <span className="dimmed">
          new to <Isolated value={name} />
        </span>
      }
      flush
    >
      <ul className={css.rows}>
        {facts.items.map((item) => (
          <Item key={item.id} item={item} />
        ))}
      </ul>
    </Panel>
  );
}

function Item({ item }: { item: ItemFacts }) {
  const { count, capped, forATime, heldUntil, examples } = item.opens;
  if (count === 0)
    return (
      <li className={css.row}>
        <IconMinus size={18} stroke={1.7} aria-hidden className={css.icon} data-tone="dim" />
        <span className={`${css.grow} dimmed`}>Nothing that is not reached already, as far as the inventory knows</span>
      </li>
    );
  return (
    <>
      {heldUntil ? (
        <li className={css.row}>
          <IconClock size={18} stroke={1.7} aria-hidden className={css.icon} data-tone="warn" />
          <span className={css.grow}>
            {forATime >= count ? "All of it" : <>{numberWords(forATime)} of these</>} held already, but only until{" "}
            <Time at={heldUntil} as="full" />, by a grant that ends
          </span>
        </li>
      ) : null}
      {examples.map((it) => (
        <li key={`${it.permission} ${it.resource}`} className={css.row}>
          {it.heldUntil ? (
            <IconClock size={18} stroke={1.7} aria-hidden className={css.icon} data-tone="dim" />
          ) : (
            <IconCirclePlus size={18} stroke={1.7} aria-hidden className={css.icon} />
          )}
          <span className={css.grow}>
            <strong>
              <Isolated value={it.permission} />
            </strong>{" "}
            on <Name value={it.resource} mono />
            {it.heldUntil ? (
              <span className="dimmed">
                {" "}
                held until <Time at={it.heldUntil} as="full" />
              </span>
            ) : null}
          </span>
          <Privilege level={it.privilege} />
        </li>
      ))}
      {count > examples.length ? (
        <li className={css.row}>
          <IconCirclePlus size={18} stroke={1.7} aria-hidden className={css.icon} />
          <span className={css.grow}>
            and <Count value={count - examples.length} capped={capped} /> more
          </span>
        </li>
      ) : null}
    </>
  );
}

/** Who has it beside the subject, who uses it, and what became of earlier requests. */
export function Others({ view, name }: { view: DecisionView; name: string }) {
  const { facts, holders } = view;
  const { asked, approved, denied, sameBefore } = facts.history;
  return (
    <Panel title="Who else has it">
      {facts.items.map((item) => (
        <div key={item.id} className={css.others}>
          <p>
            {facts.items.length > 1 ? (
              <>
                <Name value={item.resource} mono />:{" "}
              </>
            ) : null}
            {item.others.holding === 0
              ? "Nobody else."
              : `${numberWords(item.others.holding)} others hold it, ${numberWords(item.others.using)} of them used their account in 90 days${
                  item.others.unknown > 0 ? `, of ${numberWords(item.others.unknown)} that is unknown` : ""
                }.`}
          </p>
          <Holders of={holders.find(({ itemId }) => itemId === item.id)} />
        </div>
      ))}
      <p className="dimmed">
        <Isolated value={name} />{" "}
        {asked === 0
          ? "never asked for anything before."
          : `asked ${times(asked)} before: ${approved} approved, ${denied} denied; ${
              sameBefore === 0 ? "never for this" : `${times(sameBefore)} for this`
            }.`}
      </p>
    </Panel>
  );
}

function Holders({ of: held }: { of: ItemHolders | undefined }) {
  if (!held || held.people.length + held.hidden === 0) return null;
  return (
    <ul className={css.holders}>
      {held.people.map((it) => (
        <li key={it.id}>
          <KindIcon kind={it.kind} />
          <span className={css.grow}>
            <Name value={it.name} />
          </span>
          <LastUse use={it.lastUse} />
        </li>
      ))}
      {held.more ? <li className="dimmed">and others, longer not used</li> : null}
      {held.hidden > 0 ? <li className="dimmed">{numberWords(held.hidden)} more, hidden by your role</li> : null}
    </ul>
  );
}

function times(count: number): string {
  return count === 1 ? "once" : `${numberWords(count)} times`;
}
