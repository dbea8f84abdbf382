"use client";

import { useClipboard } from "@mantine/hooks";
import { isoDuration } from "@/components/access/duration-words";
import { TextButton } from "@/components/text-button";
import css from "./ask.module.css";
import type { Asking } from "./use-ask";

/** The same request as a line for a terminal, safe to paste whatever the names are. One thing at a time. */
export function TerminalLine({ asking }: { asking: Asking }) {
  const { copied, copy } = useClipboard();
  const [item] = asking.basket;
  if (!item || asking.basket.length > 1) return null;
  const line = [
    "rollcall request",
    ...[item.connection.name, item.permission, item.resource.id].map(inShell),
    `--type ${inShell(item.resource.type)}`,
    `--duration ${isoDuration(asking.seconds)}`,
    ...(asking.subject.relation === "self" ? [] : [`--for ${inShell(asking.subject.id)}`]),
    ...(asking.give === "credential" ? ["--give credential"] : []),
    ...(asking.breakGlass ? ["--break-glass"] : []),
    `--reason ${inShell(asking.reason.trim() || "…")}`,
  ].join(" ");
  return (
    <p className={css.terminal}>
      <span className="dimmed">The same from a terminal:</span> <code>{line}</code>{" "}
      <TextButton onClick={() => copy(line)}>{copied ? "Copied" : "Copy"}</TextButton>
    </p>
  );
}

function inShell(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
