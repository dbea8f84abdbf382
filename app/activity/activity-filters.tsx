"use client";

import { IconPlus, IconSearch, IconX } from "@tabler/icons-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, useId } from "react";
import { outcomeLabels } from "@/lib/audit/labels";
import { outcomes } from "@/lib/audit/schema";
import css from "./activity.module.css";
import { hrefOf, type Search, stretches } from "./search";

type Offered = { actions: string[]; actors: { id: string; name: string; type: string }[] };
type Choice = { value: string; label: string };
type FilterName = "in" | "who" | "action" | "outcome";

/** The filters: all of them are in the address of the page. */
export function ActivityFilters({ search, offered }: { search: Search; offered: Offered }) {
  const choices: { name: FilterName; label: string; of: Choice[] }[] = [
    { name: "in", label: "Time", of: Object.entries(stretches).map(([value, { label }]) => ({ value, label })) },
    {
      name: "who",
      label: "Who",
      of: offered.actors.map(({ id, name, type }) => ({
        value: id,
        label: type === "system" ? `Rollcall, ${name}` : name,
      })),
    },
    { name: "action", label: "Action", of: offered.actions.map((value) => ({ value, label: value })) },
    { name: "outcome", label: "Outcome", of: outcomes.map((value) => ({ value, label: outcomeLabels[value] })) },
  ];
  return (
    <search className={css.filters} aria-label="Filters">
      <TextFilter search={search} />
      {choices.map(({ name, label, of }) => (
        <ChoiceFilter key={name} name={name} label={label} of={of} search={search} />
      ))}
      {search.target ? (
        <span className={css.chip}>
          <span>On what</span>
          <b className="mono">{search.target}</b>
          <Drop href={hrefOf(search, { target: undefined })} label="On what" />
        </span>
      ) : null}
    </search>
  );
}

function TextFilter({ search }: { search: Search }) {
  const router = useRouter();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const q = String(new FormData(event.currentTarget).get("q") ?? "").trim();
    router.push(hrefOf(search, { q }));
  };
  return (
    <form className={css.find} onSubmit={submit}>
      <IconSearch size={16} stroke={1.7} aria-hidden />
      <input
        key={search.q ?? ""}
        name="q"
        type="search"
        defaultValue={search.q ?? ""}
        maxLength={200}
        placeholder="Anyone, anything, event number"
        aria-label="Find in the record"
        aria-keyshortcuts="/"
        data-filter
      />
    </form>
  );
}

function ChoiceFilter({ name, label, of, search }: { name: FilterName; label: string; of: Choice[]; search: Search }) {
  const id = useId();
  const value = search[name];
  const chosen = of.find((choice) => choice.value === value);
  return (
    <span className={css.chip} data-empty={!value}>
      <button type="button" popoverTarget={id} aria-haspopup="dialog">
        {value ? (
          <>
            <span>{label}</span> <b>{chosen?.label ?? value}</b>
          </>
        ) : (
          <>
            <IconPlus size={14} stroke={1.7} aria-hidden /> {label}
          </>
        )}
      </button>
      {value ? <Drop href={hrefOf(search, { [name]: undefined })} label={label} /> : null}
      <div id={id} popover="auto" className={css.choices} role="dialog" aria-label={label}>
        <ul>
          {of.map((choice) => (
            <li key={choice.value}>
              <Link
                href={hrefOf(search, { [name]: choice.value })}
                prefetch={false}
                aria-current={choice.value === value || undefined}
                className={name === "action" ? "mono" : undefined}
                onClick={(event) => event.currentTarget.closest<HTMLElement>("[popover]")?.hidePopover()}
              >
                <bdi>{choice.label}</bdi>
              </Link>
            </li>
          ))}
        </ul>
        {of.length === 0 ? <p className="dimmed">Nothing in the record yet.</p> : null}
      </div>
    </span>
  );
}

function Drop({ href, label }: { href: ReturnType<typeof hrefOf>; label: string }) {
  return (
    <Link href={href} prefetch={false} className={css.drop} aria-label={`Drop the filter ${label}`}>
      <IconX size={14} stroke={1.7} aria-hidden />
    </Link>
  );
}
