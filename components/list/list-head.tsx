"use client";

import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import Link from "next/link";
import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { type ListColumn, widthLimits } from "@/lib/lists/schema";
import { useList } from "./list-context";
import css from "./list-table.module.css";

/** The head of a column: its name, which sorts, and its edge, which can be drawn or moved by the arrow keys. */
export function Head({ column, width }: { column: ListColumn; width: number }) {
  const { state, href } = useList();
  const { sort } = column;
  const edge = <Edge column={column} width={width} />;
  if (sort === undefined)
    return (
      <th scope="col" data-align={column.align}>
        {column.label}
        {edge}
      </th>
    );
  const current = state.sort.by === sort;
  const Arrow = state.sort.descending ? IconChevronDown : IconChevronUp;
  const next = { by: sort, descending: current ? !state.sort.descending : sort !== "name" };
  const direction = state.sort.descending ? "descending" : "ascending";
  return (
    <th scope="col" data-align={column.align} aria-sort={current ? direction : undefined}>
      <Link href={href({ ...state, sort: next, place: null, rowsBefore: 0 })} scroll={false} prefetch={false}>
        {column.label}
        {current ? <Arrow size={14} stroke={1.7} aria-hidden /> : null}
      </Link>
      {edge}
    </th>
  );
}

const step = 16;

function Edge({ column, width }: { column: ListColumn; width: number }) {
  const { setWidth } = useList();
  const from = useRef<{ x: number; width: number } | null>(null);
  const set = (pixels: number) =>
    setWidth(column.name, Math.round(Math.min(widthLimits.most, Math.max(widthLimits.least, pixels))));
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -step, ArrowRight: step }[event.key];
    if (event.key === "Escape") setWidth(column.name, null);
    else if (by) set(width + by);
    else return;
    event.preventDefault();
  };
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { x: event.clientX, width: event.currentTarget.parentElement?.offsetWidth ?? width };
  };
  const onPointerMove = (event: PointerEvent) => {
    if (from.current) set(from.current.width + event.clientX - from.current.x);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved; this is the separator of ARIA that can
    <span
      role="separator"
      className={css.edge}
      aria-orientation="vertical"
      aria-label={`Width of ${column.label}`}
      aria-valuemin={widthLimits.least}
      aria-valuemax={widthLimits.most}
      aria-valuenow={width}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onLostPointerCapture={() => {
        from.current = null;
      }}
      onDoubleClick={() => setWidth(column.name, null)}
    />
  );
}

/** The box over the rows' boxes. */
export function SelectAll({ all, some, onChange }: { all: boolean; some: boolean; onChange: (on: boolean) => void }) {
  return (
    <input
      type="checkbox"
      aria-label="Select all on this page"
      checked={all}
      ref={(box) => {
        if (box) box.indeterminate = some && !all;
      }}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}
