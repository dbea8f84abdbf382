"use client";

import { useEffect, useState } from "react";

/** What `/find` answers; a type-only twin of the query's answer, since components know no queries. */
export type FoundThing = {
  type: "identity" | "account" | "group" | "resource" | "credential" | "connection";
  id: string;
  name: string;
  detail: string | null;
  kind: string | null;
};

/** What is found by a term as it is typed; nothing for an empty one. */
export function useFound(text: string): { found: readonly FoundThing[]; searching: boolean } {
  const [found, setFound] = useState<readonly FoundThing[]>([]);
  const [searching, setSearching] = useState(false);
  useEffect(() => {
    if (text.trim() === "") {
      setFound([]);
      return setSearching(false);
    }
    const stop = new AbortController();
    setSearching(true);
    const timer = setTimeout(async () => {
      try {
        const answer = await fetch(`/find?q=${encodeURIComponent(text)}`, { signal: stop.signal });
        const { items } = (await answer.json()) as { items: FoundThing[] };
        setFound(items);
        setSearching(false);
      } catch {
        // A newer term took over, or the server is away: what was found stays.
        if (!stop.signal.aborted) setSearching(false);
      }
    }, 120);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  return { found, searching };
}
