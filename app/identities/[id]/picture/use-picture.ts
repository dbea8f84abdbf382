import { useEffect, useState } from "react";
import type { Packed } from "./packed";

export type Picture =
  | { state: "loading" }
  | { state: "ready"; packed: Packed }
  | { state: "refused"; message: string; remedy: string | undefined };

/** Fetches what the picture draws, anew for another identity or time. */
export function usePicture(id: string, at: string | undefined): Picture {
  const [picture, setPicture] = useState<Picture>({ state: "loading" });
  useEffect(() => {
    const stop = new AbortController();
    setPicture({ state: "loading" });
    fetchPicture(id, at, stop.signal).then(setPicture, (error: unknown) => {
      if (!stop.signal.aborted)
        setPicture({
          state: "refused",
          message: `The picture could not be read: ${String(error)}`,
          remedy: "Read the table below, or load the page again.",
        });
    });
    return () => stop.abort();
  }, [id, at]);
  return picture;
}

async function fetchPicture(id: string, at: string | undefined, signal: AbortSignal): Promise<Picture> {
  const query = at ? `?at=${encodeURIComponent(at)}` : "";
  const response = await fetch(`/identities/${id}/picture${query}`, { signal });
  const body = await response.json();
  if (response.ok) return { state: "ready", packed: body };
  return { state: "refused", message: body.message ?? "The picture could not be read.", remedy: body.remedy };
}
