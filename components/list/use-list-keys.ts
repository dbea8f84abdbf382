"use client";

import { type RefObject, useEffect, useRef } from "react";

const inText = "input:not([type=checkbox]), textarea, select, [contenteditable], [role=dialog]";

/**
 * The keys of a list: / to filter, J and K to walk, X to select. Enter is the link's own, Esc leaves. Nothing happens
 * while somebody types or a dialog is open.
 */
export function useListKeys(): RefObject<HTMLTableSectionElement | null> {
  const body = useRef<HTMLTableSectionElement>(null);
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target instanceof Element && event.target.closest(inText)) return;
      const acted = act(event.key, body.current);
      if (acted) event.preventDefault();
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return body;
}

function act(key: string, body: HTMLElement | null): boolean {
  if (key === "/") return focus(document.querySelector("[data-filter]"));
  const rows = [...(body?.querySelectorAll<HTMLElement>("tr") ?? [])];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  if (key === "j" || key === "J") return focusRow(rows[Math.min(at + 1, rows.length - 1)]);
  if (key === "k" || key === "K") return focusRow(rows[Math.max(at - 1, 0)]);
  if (key === "x" || key === "X") return press(rows[at]?.querySelector("input[type=checkbox]"));
  if (key === "Escape" && at >= 0 && document.activeElement instanceof HTMLElement) {
    document.activeElement.blur();
    return true;
  }
  return false;
}

function focusRow(row: HTMLElement | undefined): boolean {
  const moved = focus(row?.querySelector("a[data-row-link], a, button, input") ?? null);
  row?.scrollIntoView({ block: "nearest" });
  return moved;
}

function focus(element: Element | null): boolean {
  if (!(element instanceof HTMLElement)) return false;
  element.focus();
  return true;
}

function press(element: Element | null | undefined): boolean {
  if (!(element instanceof HTMLElement)) return false;
  element.click();
  return true;
}
