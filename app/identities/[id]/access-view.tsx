"use client";

import "@/components/choices.css";
import "@mantine/core/styles/FloatingIndicator.layer.css";
import "@mantine/core/styles/SegmentedControl.layer.css";
import { SegmentedControl, Select } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconMaximize, IconMinimize, IconX } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useMemo, useRef, useState } from "react";
import { UseLine } from "@/components/last-use";
import { RefusalNote } from "@/components/refusal-note";
import { Time } from "@/components/time";
import type { AccessPage, IdentityAccessEntry } from "@/lib/access/schema";
import { AccessTable } from "./access-table";
import css from "./identity.module.css";
import { entriesOf, routeOf } from "./picture/choose";
import { group, type Route } from "./picture/graph";
import type { Packed } from "./picture/packed";
import { PictureTree } from "./picture/picture-tree";
import { SentenceBar } from "./picture/sentence-bar";
import { usePicture } from "./picture/use-picture";
import { hrefOf, type Search } from "./search";

// The columns are drawn by a library that no other page needs.
const PictureFlow = dynamic(() => import("./picture/picture-flow").then((file) => file.PictureFlow), {
  ssr: false,
  loading: () => <div className={css.pictureWaits} role="status" aria-label="Loading the picture" />,
});

type Props = { id: string; page: AccessPage<IdentityAccessEntry>; search: Search; accountCount: number };

/** Access as a picture and as a table: what is chosen in one is chosen in the other, and in the address. */
export function AccessView({ id, page, search, accountCount }: Props) {
  const choice = useChoice(search);
  return (
    <>
      {search.show === "table" ? (
        <section className={css.picture} aria-label="Access">
          <Toolbar id={id} search={search} packed={null} />
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
      <Toolbar id={id} search={search} packed={packed} choose={choose}>
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
      </Toolbar>
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

function Legend({ packed }: { packed: Packed | null }) {
  const since = new Set(
    (packed?.uses ?? []).flatMap((use) => (use.state === "not_used" && use.since ? [use.since] : [])),
  );
  const [only] = since.size === 1 ? since : [];
  return (
    <span className={css.legend}>
      <span>
        <UseLine state="used" /> used
      </span>
      <span>
        <UseLine state="not_used" /> not used
        {only ? (
          <>
            {" "}
            since <Time at={only} as="date" />
          </>
        ) : null}
      </span>
      <span>
        <UseLine state="unknown" /> unknown
      </span>
    </span>
  );
}

type ToolbarProps = {
  id: string;
  search: Search;
  packed: Packed | null;
  choose?: (route: Route) => void;
  children?: React.ReactNode;
};

function Toolbar({ id, search, packed, choose, children }: ToolbarProps) {
  const router = useRouter();
  const go = (change: Partial<Search>) => router.push(hrefOf(id, search, change), { scroll: false });
  const systems = useMemo(() => [...new Set(packed?.resources.map((one) => one.connection))].sort(), [packed]);
  const permissions = useMemo(() => [...new Set(packed?.entries.map((one) => one.permission))].sort(), [packed]);
  return (
    <div className={css.toolbar}>
      <SegmentedControl
        aria-label="How access is shown"
        data={[
          { value: "picture", label: "Picture" },
          { value: "table", label: "Table only" },
        ]}
        value={search.show ?? "picture"}
        onChange={(value) => go({ show: value === "table" ? "table" : undefined })}
      />
      {packed && choose ? <Follow packed={packed} choose={choose} /> : null}
      <Narrow label="System" value={search.connection} of={systems} pick={(connection) => go({ connection })} />
      <Narrow label="Permission" value={search.permission} of={permissions} pick={(permission) => go({ permission })} />
      {search.resource ? (
        <span className={css.narrowed}>
          Resource <b className="mono">{search.resource}</b>
          <Link href={hrefOf(id, search, { resource: undefined })} scroll={false} aria-label="Drop the filter Resource">
            <IconX size={14} stroke={1.7} aria-hidden />
          </Link>
        </span>
      ) : null}
      <span className={css.space} />
      {children}
    </div>
  );
}

function Follow({ packed, choose }: { packed: Packed; choose: (route: Route) => void }) {
  const data = useMemo(
    () =>
      packed.resources.map((one, index) => ({
        value: String(index),
        label: `${one.name} (${one.type}, ${one.connection})`,
      })),
    [packed],
  );
  return (
    <Select
      className={css.follow}
      aria-label="Follow to a resource"
      placeholder="Follow to a resource…"
      searchable
      limit={20}
      data={data}
      value={null}
      nothingFoundMessage="It reaches no such resource"
      onChange={(value) => {
        const entry = packed.entries.findIndex((one) => String(one.resource) === value);
        if (entry >= 0) choose({ entry, path: 0 });
      }}
    />
  );
}

type NarrowProps = {
  label: string;
  value: string | undefined;
  of: string[];
  pick: (value: string | undefined) => void;
};

function Narrow({ label, value, of, pick }: NarrowProps) {
  if (of.length < 2 && !value) return null;
  const options = value && !of.includes(value) ? [value, ...of] : of;
  return (
    <Select
      className={css.narrow}
      aria-label={label}
      placeholder={`+ ${label}`}
      clearable
      clearButtonProps={{ "aria-label": `Drop the filter ${label}` }}
      data={options}
      value={value ?? null}
      onChange={(next) => pick(next ?? undefined)}
    />
  );
}
