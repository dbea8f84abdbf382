"use client";

import "./dialogs.css";
import "./inputs.css";
import "@mantine/core/styles/ScrollArea.layer.css";
import "@mantine/spotlight/styles.layer.css";
import { createSpotlight, Spotlight } from "@mantine/spotlight";
import {
  IconArrowRight,
  IconDatabase,
  IconKey,
  IconPlugConnected,
  IconSearch,
  IconUserCircle,
  IconUsers,
} from "@tabler/icons-react";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import css from "./find-anything.module.css";
import { KindIcon, type ShownKind } from "./kind-icon";
import { visibleName } from "./name-parts";
import type { FindablePage } from "./navigation";
import { type FoundThing, useFound } from "./use-found";

const [store, { open }] = createSpotlight();

const groups = [
  { type: "identity", label: "Identities" },
  { type: "account", label: "Accounts" },
  { type: "group", label: "Groups and roles" },
  { type: "resource", label: "Resources" },
  { type: "credential", label: "Credentials" },
  { type: "connection", label: "Systems" },
] as const;

/** The search over everything. @param wanted grows with each wish to see it. */
export function FindAnythingDialog({ pages, wanted }: { pages: readonly FindablePage[]; wanted: number }) {
  const router = useRouter();
  const [query, setQuery] = useState("");
  const { found, searching } = useFound(query);
  useEffect(() => {
    if (wanted > 0) open();
  }, [wanted]);
  const shown = pages.filter((page) => page.label.toLowerCase().includes(query.trim().toLowerCase()));
  const nothing = shown.length === 0 && found.length === 0 && !searching;
  return (
    <Spotlight.Root
      store={store}
      shortcut={null}
      query={query}
      onQueryChange={setQuery}
      overlayProps={{ blur: 0, backgroundOpacity: 0.35 }}
      attributes={{ content: { "aria-label": "Find anything" } }}
    >
      <Spotlight.Search
        placeholder="Name, e-mail, role, table, key id…"
        aria-label="Find anything"
        leftSection={<IconSearch size={18} stroke={1.7} aria-hidden />}
      />
      <Spotlight.ActionsList className={css.list} mah={460}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
        {/* biome-ignore lint/a11y/useSemanticElements: results are no form */}
        <div tabIndex={0} role="group" aria-label="Results">
          {groups.map(({ type, label }) => {
            const things = found.filter((thing) => thing.type === type);
            if (things.length === 0) return null;
            return (
              <Spotlight.ActionsGroup key={type} label={label}>
                {things.map((thing) => (
                  <Spotlight.Action
                    key={`${type}-${thing.id}-${thing.name}`}
                    label={visibleName(thing.name)}
                    description={thing.detail ? visibleName(thing.detail) : undefined}
                    leftSection={<ThingIcon thing={thing} />}
                    onClick={() => router.push(addressOf(thing))}
                  />
                ))}
              </Spotlight.ActionsGroup>
            );
          })}
          {shown.length > 0 ? (
            <Spotlight.ActionsGroup label="Pages">
              {shown.map((page) => (
                <Spotlight.Action
                  key={page.href}
                  label={page.label}
                  leftSection={<IconArrowRight size={16} stroke={1.7} aria-hidden />}
                  onClick={() => router.push(page.href)}
                />
              ))}
            </Spotlight.ActionsGroup>
          ) : null}
          {nothing ? <Spotlight.Empty>Nothing is called “{visibleName(query)}” here.</Spotlight.Empty> : null}
        </div>
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

const icons = {
  account: IconUserCircle,
  group: IconUsers,
  resource: IconDatabase,
  credential: IconKey,
  connection: IconPlugConnected,
} as const;

function ThingIcon({ thing }: { thing: FoundThing }) {
  if (thing.type === "identity") return <KindIcon kind={thing.kind as ShownKind} worded />;
  const Icon = icons[thing.type];
  return <Icon size={18} stroke={1.7} aria-hidden />;
}

// An account has no page of its own: the list of accounts is opened at it.
function addressOf(thing: FoundThing): Route {
  const { type, id } = thing;
  if (type === "identity") return `/identities/${id}` as Route;
  if (type === "credential") return `/identities/${id}?tab=credentials` as Route;
  if (type === "resource") return `/resources/${id}` as Route;
  if (type === "group") return `/groups/${id}` as Route;
  if (type === "connection") return `/connections/${id}` as Route;
  return `/accounts?q=${encodeURIComponent(thing.name)}` as Route;
}
