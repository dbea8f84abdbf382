"use client";

import "@/components/choices.css";
import "@mantine/core/styles/FloatingIndicator.layer.css";
import "@mantine/core/styles/SegmentedControl.layer.css";
import { SegmentedControl, Select } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type ReactNode, useMemo } from "react";
import { UseLine } from "@/components/last-use";
import { Time } from "@/components/time";
import css from "./identity.module.css";
import type { Route } from "./picture/graph";
import type { Packed } from "./picture/packed";
import { hrefOf, type Search } from "./search";

type ToolbarProps = {
  id: string;
  search: Search;
  packed: Packed | null;
  choose?: (route: Route) => void;
  children?: ReactNode;
};

/** What the picture and the table are narrowed by, and following to a resource. */
export function AccessToolbar({ id, search, packed, choose, children }: ToolbarProps) {
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

/** What the lines of the picture mean. */
export function Legend({ packed }: { packed: Packed | null }) {
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
