"use client";

import { useFocusTrap, useMergedRef } from "@mantine/hooks";
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import css from "./hanging.module.css";

/**
 * A small dialog that hangs from the button before it; the parent positions it. Closes with Esc, or a press or focus
 * outside, and gives the focus back.
 */
export function Hanging({ label, onClose, children }: { label: string; onClose: () => void; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const trap = useFocusTrap(true);
  const merged = useMergedRef(box, trap);
  const [shift, setShift] = useState(0);
  const close = useRef(onClose);
  close.current = onClose;
  useLayoutEffect(() => {
    const place = box.current?.getBoundingClientRect();
    if (place && place.right > window.innerWidth - 12) setShift(Math.min(0, window.innerWidth - 12 - place.right));
  }, []);
  useEffect(() => {
    const before = document.activeElement;
    const parent = box.current?.parentElement;
    function onPress(event: Event) {
      if (event.target instanceof Node && !parent?.contains(event.target)) close.current();
    }
    function onKey(event: KeyboardEvent) {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close.current();
      if (before instanceof HTMLElement) before.focus();
    }
    document.addEventListener("pointerdown", onPress);
    document.addEventListener("keydown", onKey, true);
    return () => {
      document.removeEventListener("pointerdown", onPress);
      document.removeEventListener("keydown", onKey, true);
    };
  }, []);
  return (
    <div ref={merged} role="dialog" aria-label={label} className={css.hanging} style={{ marginLeft: shift }}>
      {children}
    </div>
  );
}
