"use client";

import { useClipboard } from "@mantine/hooks";
import { isoDuration } from "@/components/access/duration-words";
import { TextButton } from "@/components/text-button";
import css from "./ask.module.css";
import type { Asking, Chosen } from "./use-ask";

/** The same request as a line for a terminal, safe to paste whatever the names are. */
export function TerminalLine({ asking }: { asking: Asking }) {
  const { copied, copy } = useClipboard();
  const [item, ...others] = asking.basket;
  if (!item) return null;
  const line = [
    "rollcall request",
    ...wordsOf(item),
    ...(others.length === 0 ? [`--type ${inShell(item.resource.type)}`] : []),
    ...others.flatMap((other) => ["--and", ...wordsOf(other)]),
    `--duration ${isoDuration(asking.seconds)}`,
    ...(asking.subject.relation === "self" ? [] : [`--for ${inShell(asking.subject.id)}`]),
    ...(asking.give === "credential" ? ["--give credential"] : []),
    ...(asking.ticket.trim() ? [`--ticket ${inShell(asking.ticket.trim())}`] : []),
    ...(asking.startsAt ? [`--starts ${new Date(asking.startsAt).toISOString()}`] : []),
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

function wordsOf({ connection, permission, resource }: Chosen): string[] {
  return [connection.name, permission, resource.id].map(inShell);
}

function inShell(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
