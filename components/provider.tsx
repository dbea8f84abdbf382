"use client";

import { MantineProvider } from "@mantine/core";
import { setNonce } from "get-nonce";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { NameFit } from "./name-fit";
import { Reader } from "./reader";
import { theme, vars } from "./theme";
import { Tips } from "./tips";

type Props = { nonce: string | undefined; zone: string; serverNowMs: number; children: ReactNode };

/** Theme, colour scheme, and what every time on the page is read by: the reader's zone and the server's clock. */
export function Provider({ nonce, zone, serverNowMs, children }: Props) {
  const reader = useReader(zone, serverNowMs);
  const own = usePageNonce(nonce);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={vars}
      defaultColorScheme="auto"
      getStyleNonce={() => own ?? ""}
    >
      <Reader value={reader}>{children}</Reader>
      <Tips />
      <NameFit />
    </MantineProvider>
  );
}

/**
 * The nonce of the page's own policy, which later answers of the server, with nonces of theirs, do not change. An open
 * dialog keeps the page behind it from scrolling by a style tag of another package, which is told it here.
 */
function usePageNonce(nonce: string | undefined): string | undefined {
  const [own] = useState(nonce);
  useEffect(() => {
    if (own) setNonce(own);
  }, [own]);
  return own;
}

/** The server renders in the zone of the last visit; the browser corrects it and remembers it for the next. */
function useReader(serverZone: string, serverNowMs: number) {
  const [zone, setZone] = useState(serverZone);
  const [nowMs, setNowMs] = useState(serverNowMs);
  useEffect(() => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    setZone(own);
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet
    document.cookie = `rollcall-zone=${own}; path=/; max-age=31536000; samesite=lax`;
  }, []);
  useEffect(() => {
    const started = performance.now();
    // Each time the page is read anew the server tells its time anew.
    setNowMs(serverNowMs);
    const timer = setInterval(() => setNowMs(serverNowMs + performance.now() - started), 20_000);
    return () => clearInterval(timer);
  }, [serverNowMs]);
  return useMemo(() => ({ zone, nowMs }), [zone, nowMs]);
}
