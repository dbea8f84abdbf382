"use client";

import "@mantine/spotlight/styles.css";
import { Text } from "@mantine/core";
import { createSpotlight, Spotlight } from "@mantine/spotlight";
import { IconArrowRight, IconSearch } from "@tabler/icons-react";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import type { FindablePage } from "./navigation";

const [store, { open }] = createSpotlight();

type Found = { type: string; id: string; name: string; detail: string | null };

const sections = [
  { label: "Identities", types: ["identity"] },
  { label: "Accounts, groups and roles", types: ["account", "group"] },
  { label: "Resources", types: ["resource"] },
  { label: "Credentials", types: ["credential"] },
  { label: "Connections", types: ["connection"] },
];

function hrefOf({ type, id, name }: Found): Route {
  if (type === "identity") return `/identities/${id}` as Route;
  if (type === "credential") return `/identities/${id}?tab=credentials` as Route;
  if (type === "resource") return `/resources/${id}` as Route;
  if (type === "connection") return `/connections/${name}` as Route;
  return `/accounts?q=${encodeURIComponent(name)}` as Route;
}

// Asks a little after the last key, and never shows the answer to an older question.
function useFound(query: string): Found[] {
  const [found, setFound] = useState<Found[]>([]);
  useEffect(() => {
    const asked = new AbortController();
    const timer = setTimeout(async () => {
      if (query.trim() === "") return setFound([]);
      const answer = await fetch(`/find?q=${encodeURIComponent(query)}`, { signal: asked.signal }).catch(() => null);
      if (answer?.ok) setFound((await answer.json()).items);
    }, 120);
    return () => {
      clearTimeout(timer);
      asked.abort();
    };
  }, [query]);
  return found;
}

/** The search over everything. @param wanted grows with each wish to see it. */
export function FindAnythingDialog({ pages, wanted }: { pages: readonly FindablePage[]; wanted: number }) {
  const router = useRouter();
  const [query, setQuery] = useState("");
  useEffect(() => {
    if (wanted > 0) open();
  }, [wanted]);
  const found = useFound(query);
  const shown = pages.filter((page) => page.label.toLowerCase().includes(query.trim().toLowerCase()));
  return (
    <Spotlight.Root store={store} shortcut={null} query={query} onQueryChange={setQuery} scrollable maxHeight={420}>
      <Spotlight.Search
        placeholder="Name, e-mail, role, table, key id…"
        aria-label="Find anything"
        leftSection={<IconSearch size={18} stroke={1.7} aria-hidden />}
      />
      <Spotlight.ActionsList>
        {sections.map(({ label, types }) => {
          const items = found.filter((item) => types.includes(item.type));
          if (items.length === 0) return null;
          return (
            <Spotlight.ActionsGroup key={label} label={label}>
              {items.map((item) => (
                <Spotlight.Action
                  key={`${item.type} ${item.id} ${item.name}`}
                  leftSection={<IconArrowRight size={16} stroke={1.7} aria-hidden />}
                  onClick={() => router.push(hrefOf(item))}
                >
                  <bdi>{item.name}</bdi>
                  {item.detail ? (
                    <Text span c="dimmed" fz="xs" ml="sm">
                      <bdi>{item.detail}</bdi>
                    </Text>
                  ) : null}
                </Spotlight.Action>
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
        ) : found.length > 0 ? null : (
          <Spotlight.Empty>Nothing is called “{query}” here.</Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
