"use client";

import "@mantine/spotlight/styles.css";
import { createSpotlight, Spotlight } from "@mantine/spotlight";
import { IconArrowRight, IconSearch } from "@tabler/icons-react";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import type { FindablePage } from "./navigation";

const [store, { open }] = createSpotlight();

/** The search over everything. @param wanted grows with each wish to see it. */
export function FindAnythingDialog({ pages, wanted }: { pages: readonly FindablePage[]; wanted: number }) {
  const router = useRouter();
  const [query, setQuery] = useState("");
  useEffect(() => {
    if (wanted > 0) open();
  }, [wanted]);
  const shown = pages.filter((page) => page.label.toLowerCase().includes(query.trim().toLowerCase()));
  return (
    <Spotlight.Root store={store} shortcut={null} query={query} onQueryChange={setQuery} scrollable maxHeight={420}>
      <Spotlight.Search
        placeholder="Name, e-mail, role, table, key id…"
        aria-label="Find anything"
        leftSection={<IconSearch size={18} stroke={1.7} aria-hidden />}
      />
      <Spotlight.ActionsList>
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
        ) : (
          <Spotlight.Empty>Nothing is called “{query}” here.</Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
