"use client";

import { useEffect, useRef, useState } from "react";
import { Isolated } from "./isolated";
import css from "./tips.module.css";

type Tip = { text: string; left: number; top: number };

/**
 * The one tooltip of a page: whatever carries `data-tip` shows it on hover and on focus. One listener instead of a
 * component for each of a thousand cells. Never the only place of a fact: screen readers get the words in the page.
 */
export function Tips() {
  const [tip, setTip] = useState<Tip | null>(null);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let shownFor: Element | null = null;
    function show(event: Event) {
      const target = event.target instanceof Element ? event.target.closest("[data-tip]") : null;
      if (target === shownFor) return;
      hide();
      const text = target?.getAttribute("data-tip");
      if (!target || !text) return;
      shownFor = target;
      timer = setTimeout(() => setTip({ text, ...placeOf(target) }), event.type === "focusin" ? 0 : 250);
    }
    function hide() {
      clearTimeout(timer);
      shownFor = null;
      setTip(null);
    }
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && hide();
    document.addEventListener("pointerover", show);
    document.addEventListener("focusin", show);
    document.addEventListener("focusout", hide);
    document.addEventListener("scroll", hide, { capture: true, passive: true });
    document.addEventListener("keydown", onKey);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("pointerover", show);
      document.removeEventListener("focusin", show);
      document.removeEventListener("focusout", hide);
      document.removeEventListener("scroll", hide, { capture: true });
      document.removeEventListener("keydown", onKey);
    };
  }, []);
  useEffect(() => {
    const width = box.current?.offsetWidth ?? 0;
    if (tip && tip.left + width > window.innerWidth - 8)
      setTip({ ...tip, left: Math.max(8, window.innerWidth - width - 9) });
  }, [tip]);
  if (!tip) return null;
  return (
    <div ref={box} className={css.tip} style={{ left: tip.left, top: tip.top }} aria-hidden>
      <Isolated value={tip.text} />
    </div>
  );
}

function placeOf(target: Element): { left: number; top: number } {
  const place = target.getBoundingClientRect();
  const below = place.bottom + 6;
  return { left: Math.max(8, place.left), top: below + 40 > window.innerHeight ? place.top - 32 : below };
}
