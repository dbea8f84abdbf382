"use client";

import { useMediaQuery } from "@mantine/hooks";
import { IconMaximize, IconMinimize } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useEffect, useMemo, useRef, useState } from "react";
import { RefusalNote } from "@/components/refusal-note";
import type { AccessPage, IdentityAccessEntry } from "@/lib/access/schema";
import { mostSorted } from "@/lib/access/sort-access";
import { AccessTable } from "./access-table";
import { AccessToolbar, Legend } from "./access-toolbar";
import css from "./identity.module.css";
import { entriesOf, routeOf } from "./picture/choose";
import { group, type Route } from "./picture/graph";
import type { Packed } from "./picture/packed";
import { PictureTree } from "./picture/picture-tree";
import { SentenceBar } from "./picture/sentence-bar";
import { usePicture } from "./picture/use-picture";
import type { Search } from "./search";

// The columns are drawn by a library that no other page needs.
const PictureFlow = dynamic(() => import("./picture/picture-flow").then((file) => file.PictureFlow), {
  ssr: false,
  loading: () => <div className={css.pictureWaits} role="status" aria-label="Loading the picture" />,
});

type Props = {
  id: string;
  page: AccessPage<IdentityAccessEntry>;
  search: Search;
  accountCount: number;
  /** There are more than were put in order. */
  isCut: boolean;
};

/** Access as a picture and as a table: what is chosen in one is chosen in the other, and in the address. */
export function AccessView({ id, page, search, accountCount, isCut }: Props) {
  const choice = useChoice(search);
  return (
    <>
      {search.show === "table" ? (
        <section className={css.picture} aria-label="Access">
          <AccessToolbar id={id} search={search} packed={null} />
        </section>
      ) : (
        <PicturePanel id={id} search={search} choice={choice} />
      )}
      <AccessTable
        id={id}
        page={page}
        search={search}
        chosen={choice.key}
        choose={choice.choose}
        accountCount={accountCount}
      />
      {isCut ? (
        <p className={css.cutTable}>In order are the first {group(mostSorted)}; a filter narrows them.</p>
      ) : null}
    </>
  );
}

type Choice = { key: string | null; path: number; choose: (key: string, path?: number) => void };

// Choosing moves no page: the address is replaced in place, so that it can be sent to a colleague.
function useChoice(search: Search): Choice {
  const [chosen, setChosen] = useState({ key: search.entry ?? null, path: Number(search.path ?? 1) - 1 });
  const choose = useMemo(
    () =>
      (key: string, path = 0) => {
        setChosen({ key, path });
        const url = new URL(window.location.href);
        url.searchParams.set("entry", key);
        if (path > 0) url.searchParams.set("path", String(path + 1));
        else url.searchParams.delete("path");
        window.history.replaceState(null, "", url);
      },
    [],
  );
  return { ...chosen, choose };
}

function PicturePanel({ id, search, choice }: { id: string; search: Search; choice: Choice }) {
  const picture = usePicture(id, search.at);
  const isPhone = useMediaQuery("(max-width: 48em)", false);
  const { panel, full, toggle } = useFullScreen();
  const packed = picture.state === "ready" ? picture.packed : null;
  const { connection, permission, resource } = search;
  const entries = useMemo(
    () => (packed ? entriesOf(packed, { connection, permission, resource }) : []),
    [packed, connection, permission, resource],
  );
  const route = packed ? routeOf(packed, entries, choice.key, choice.path) : null;
  const choose = (next: Route) => choice.choose(packed?.entries[next.entry]?.key ?? "", next.path);
  const drawing = { packed, entries, chosen: route, choose };
  return (
    <section ref={panel} className={css.picture} data-full={full} aria-label="Access as a picture">
      <AccessToolbar id={id} search={search} packed={packed} choose={choose}>
        <Legend packed={packed} />
        {isPhone ? null : (
          <button
            type="button"
            className={css.iconButton}
            onClick={toggle}
            aria-label={full ? "Leave full screen" : "Full screen"}
          >
            {full ? (
              <IconMinimize size={16} stroke={1.7} aria-hidden />
            ) : (
              <IconMaximize size={16} stroke={1.7} aria-hidden />
            )}
          </button>
        )}
      </AccessToolbar>
      {picture.state === "loading" ? (
        <div className={css.pictureWaits} role="status" aria-label="Loading the picture" />
      ) : null}
      {picture.state === "refused" ? <RefusalNote refusal={picture} /> : null}
      {packed && entries.length > 0 ? (
        <>
          {isPhone ? (
            <PictureTree {...drawing} packed={packed} />
          ) : (
            <PictureFlow {...drawing} packed={packed} full={full} rows={full ? rowsOnScreen() : 6} />
          )}
          <Cut packed={packed} />
          {route ? <SentenceBar packed={packed} route={route} choose={choose} /> : null}
        </>
      ) : null}
      {packed && entries.length === 0 ? (
        <p className={css.nothing}>
          Nothing to draw: no access
          {search.connection || search.permission || search.resource ? " passes these filters" : ""}.
        </p>
      ) : null}
    </section>
  );
}

function rowsOnScreen(): number {
  return Math.max(6, Math.floor((window.innerHeight - 220) / 46));
}

function useFullScreen() {
  const panel = useRef<HTMLElement>(null);
  const [full, setFull] = useState(false);
  useEffect(() => {
    const look = () => setFull(document.fullscreenElement === panel.current && panel.current !== null);
    document.addEventListener("fullscreenchange", look);
    return () => document.removeEventListener("fullscreenchange", look);
  }, []);
  const toggle = () => (full ? document.exitFullscreen() : panel.current?.requestFullscreen());
  return { panel, full, toggle: () => void toggle() };
}

function Cut({ packed }: { packed: Packed }) {
  const { entitlements, isCapped } = packed.counts;
  if (entitlements <= packed.entries.length) return null;
  return (
    <p className={css.cut}>
      Drawn from the first {group(packed.entries.length)} of {group(entitlements)}
      {isCapped ? "+" : ""} entitlements; the table holds all of them, and a filter narrows both.
    </p>
  );
}
