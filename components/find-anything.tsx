"use client";

import dynamic from "next/dynamic";
import { useEffect, useState } from "react";
import type { FindablePage } from "./navigation";

// Only whoever searches loads the search.
const Dialog = dynamic(() => import("./find-anything-dialog").then((module) => module.FindAnythingDialog), {
  ssr: false,
});

/** Ctrl K, or any button marked `data-find`, opens the search over everything. */
export function FindAnything({ pages }: { pages: readonly FindablePage[] }) {
  const [wanted, setWanted] = useState(0);
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k" || event.shiftKey || event.altKey)
        return;
      event.preventDefault();
      setWanted((count) => count + 1);
    }
    function onClick(event: MouseEvent) {
      if (event.target instanceof Element && event.target.closest("[data-find]")) setWanted((count) => count + 1);
    }
    document.addEventListener("keydown", onKey);
    document.addEventListener("click", onClick);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("click", onClick);
    };
  }, []);
  return wanted === 0 ? null : <Dialog pages={pages} wanted={wanted} />;
}
