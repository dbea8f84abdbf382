"use client";

import { useEffect } from "react";

/**
 * Closes the gap that a name shortened in the middle has: the browser cuts the head at a character and leaves the rest
 * of the room empty before the tail. One observer for all names of a page; it sets widths, never text.
 */
export function NameFit() {
  useEffect(() => {
    let frame = 0;
    const soon = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(fitAll);
    };
    const observer = new MutationObserver((changes) => {
      if (changes.some((change) => change.type === "childList" || change.target instanceof HTMLTableColElement)) soon();
    });
    observer.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["style"] });
    window.addEventListener("resize", soon);
    document.fonts.ready.then(soon, soon);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      window.removeEventListener("resize", soon);
    };
  }, []);
  return null;
}

// First all is undone, then all is read, then all is written: the page is laid out twice, however many names it has.
function fitAll(): void {
  const heads = [...document.querySelectorAll<HTMLElement>("[data-name-head]")];
  for (const head of heads) head.style.removeProperty("max-width");
  const widths = heads
    .filter((head) => head.scrollWidth > head.clientWidth)
    .map((head) => ({ head, width: fittingWidth(head) }));
  for (const { head, width } of widths) head.style.maxWidth = `${width}px`;
}

let pen: CanvasRenderingContext2D | null = null;

/** The width of as many characters as fit, with the dots. */
function fittingWidth(head: HTMLElement): number {
  pen ??= document.createElement("canvas").getContext("2d");
  const text = head.textContent ?? "";
  const room = head.getBoundingClientRect().width;
  if (!pen) return room;
  pen.font = getComputedStyle(head).font;
  let [fits, tooMany] = [0, text.length];
  while (tooMany - fits > 1) {
    const middle = (fits + tooMany) >> 1;
    if (pen.measureText(`${text.slice(0, middle)}…`).width <= room) fits = middle;
    else tooMany = middle;
  }
  // A pixel more, since the browser rounds otherwise than the canvas does.
  return Math.min(room, Math.ceil(pen.measureText(`${text.slice(0, fits)}…`).width) + 1);
}
