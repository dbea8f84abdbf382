"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useEffect } from "react";

/** Escape leads to `href`, as the cross does; unless it closes something that is open above. */
export function CloseOnEscape({ href }: { href: Route }) {
  const router = useRouter();
  useEffect(() => {
    const close = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || document.querySelector(":popover-open, dialog[open]"))
        return;
      router.push(href, { scroll: false });
    };
    document.addEventListener("keydown", close);
    return () => document.removeEventListener("keydown", close);
  }, [router, href]);
  return null;
}
