"use client";

import "@/components/inputs.css";
import { Checkbox } from "@mantine/core";
import { IconSearch, IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import css from "@/components/access/access.module.css";
import { accessWords } from "@/components/access/duration-words";
import { What } from "@/components/access/what";
import { Environment } from "@/components/environment";
import { ErrorNote } from "@/components/error-note";
import { Panel } from "@/components/panel";
import { Privilege } from "@/components/privilege";
import { TextButton } from "@/components/text-button";
import { ToolButton } from "@/components/tool-button";
import type { Refusal } from "@/lib/errors";
import type { CatalogueEntry, CatalogueSystem } from "@/lib/requests/catalogue-queries";
import { search } from "./actions";
import own from "./ask.module.css";
import type { Chosen } from "./use-ask";

type Props = {
  found: { items: CatalogueEntry[]; more: boolean };
  systems: readonly CatalogueSystem[];
  words: string;
  subjectId: string;
  basket: readonly Chosen[];
  toggle: (entry: Chosen) => void;
};

const atFirst = 12;
const most = 60;

/** What may be asked for: found by words of its name, permission and system, or by what colleagues have. */
export function Catalogue({ found: first, systems, words, subjectId, basket, toggle }: Props) {
  const [q, setQ] = useState(words);
  const [colleagues, setColleagues] = useState(false);
  const [held, setHeld] = useState(false);
  const [connection, setConnection] = useState("");
  const [limit, setLimit] = useState(atFirst);
  const [found, setFound] = useState(first);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  useEffect(() => {
    let asked = true;
    const timer = setTimeout(async () => {
      const inSystem = connection ? { connection } : {};
      const answer = await search({ q, colleagues, held, subjectId, limit, ...inSystem });
      if (!asked) return;
      setRefusal(answer.ok ? null : answer.refusal);
      if (answer.ok) setFound(answer.value);
    }, 200);
    return () => {
      asked = false;
      clearTimeout(timer);
    };
  }, [q, colleagues, held, subjectId, connection, limit]);
  const elsewhere = basket.filter(({ key }) => !found.items.some((it) => it.key === key));
  return (
    <Panel title="What" aside={basket.length > 0 ? `${basket.length} chosen` : undefined} flush>
      <div className={css.search}>
        <IconSearch size={16} stroke={1.7} aria-hidden />
        <input
          type="search"
          aria-label="Find what may be asked for"
          placeholder="A role, a table, a permission, a system…"
          value={q}
          maxLength={200}
          onChange={(event) => setQ(event.currentTarget.value)}
        />
      </div>
      <div className={own.narrow}>
        <select
          className={own.system}
          aria-label="In which system"
          value={connection}
          onChange={(event) => setConnection(event.currentTarget.value)}
        >
          <option value="">all systems</option>
          {systems.map((system) => (
            <option key={system.id} value={system.id}>
              {system.name}
            </option>
          ))}
        </select>
        <Checkbox
          label="what colleagues have"
          checked={colleagues}
          onChange={(event) => setColleagues(event.currentTarget.checked)}
        />
        <Checkbox
          label="what is held already"
          checked={held}
          onChange={(event) => setHeld(event.currentTarget.checked)}
        />
      </div>
      {refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null}
      {elsewhere.map((entry) => (
        <div key={entry.key} className={css.row}>
          <span className={css.grow}>
            <What permission={entry.permission} resource={entry.resource.name} connection={entry.connection.name} />
          </span>
          <ToolButton aria-label={`Leave out ${accessWords(named(entry))}`} onClick={() => toggle(entry)}>
            <IconX size={14} stroke={1.7} aria-hidden /> Leave out
          </ToolButton>
        </div>
      ))}
      <ul>
        {found.items.map((entry) => (
          <li key={entry.key}>
            <Entry entry={entry} chosen={basket.some(({ key }) => key === entry.key)} toggle={() => toggle(entry)} />
          </li>
        ))}
      </ul>
      <Beneath items={found.items.length} q={q} held={held} />
      {found.more ? (
        <p className={css.note}>
          {limit < most ? <TextButton onClick={() => setLimit(most)}>Show more</TextButton> : null}{" "}
          <span className="dimmed">Another word narrows it.</span>
        </p>
      ) : null}
    </Panel>
  );
}

function named(entry: Chosen): { permission: string; resource: string } {
  return { permission: entry.permission, resource: entry.resource.name };
}

function Entry({ entry, chosen, toggle }: { entry: CatalogueEntry; chosen: boolean; toggle: () => void }) {
  const { connection } = entry;
  const environment = ["production", "staging", "development"].find((it) => it === connection.environment);
  return (
    <label className={css.entry}>
      <input type="checkbox" checked={chosen} onChange={toggle} aria-label={accessWords(named(entry))} />
      <span>
        <What permission={entry.permission} resource={entry.resource.name} connection={connection.name} />
        {entry.byHand ? (
          <span className="dimmed" data-tip="No connector gives it: a person does it, and says so with evidence.">
            , by hand
          </span>
        ) : null}
        {entry.builtIn ? (
          <span className="dimmed" data-tip="The system brought it along; nobody here made it.">
            , built in
          </span>
        ) : null}
      </span>
      <span className={css.entryFacts}>
        <Privilege level={entry.privilege} />
        <Environment value={(environment as "production" | "staging" | "development" | undefined) ?? null} />
        <span className="dimmed">{colleagueWords(entry)}</span>
      </span>
    </label>
  );
}

function colleagueWords({ held, colleagues }: CatalogueEntry): string {
  if (held) return "held already";
  if (colleagues === 0) return "no colleague";
  return colleagues === 1 ? "1 colleague" : `${colleagues} colleagues`;
}

function Beneath({ items, q, held }: { items: number; q: string; held: boolean }) {
  if (items > 0) return null;
  return <p className={css.note}>{emptyWords(q.trim() !== "", held)}</p>;
}

function emptyWords(named: boolean, held: boolean): string {
  if (held) return "Nothing of that is held already.";
  if (named) return "Nothing of that name or permission can be asked for. Try a part of the name, or leave a word out.";
  return "Nothing that is not held already is known to help here. Type a name to find more.";
}
