import { type RefCallback, useCallback } from "react";

/** J and K move through the rows of a table's body, Enter opens the one that has the focus. */
export function useRowKeys(): RefCallback<HTMLTableSectionElement> {
  return useCallback((body) => {
    if (!body) return;
    const move = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const step = event.key === "j" ? 1 : event.key === "k" ? -1 : 0;
      if (step === 0) return;
      const links = [...body.querySelectorAll<HTMLAnchorElement>("tr > td:first-child a")];
      const at = links.indexOf(document.activeElement as HTMLAnchorElement);
      const next = links[Math.min(links.length - 1, Math.max(0, at + step))];
      next?.focus();
    };
    document.addEventListener("keydown", move);
    return () => document.removeEventListener("keydown", move);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
