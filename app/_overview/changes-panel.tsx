import {
  IconBan,
  IconCircleMinus,
  IconCirclePlus,
  IconKey,
  IconPlugConnected,
  IconRefresh,
  IconShieldUp,
} from "@tabler/icons-react";
import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { numberWords } from "@/components/count";
import { Isolated } from "@/components/isolated";
import { Panel } from "@/components/panel";
import { Time } from "@/components/time";
import type { Overview } from "@/lib/inventory/overview-queries";
import css from "./overview.module.css";
import { seriesOf, signed, weekBefore } from "./shapes";

type Change = { icon: ReactNode; text: ReactNode; link: { label: ReactNode; href: string } | null };
const size = { size: 16, stroke: 1.7, "aria-hidden": true } as const;

/** What is different from a week ago, each line with the way to what it counts. */
export function ChangesPanel({ overview, seesRecord }: { overview: Overview; seesRecord: boolean }) {
  const lines = linesOf(overview, seesRecord);
  return (
    <Panel
      title="Changed this week"
      flush
      action={seesRecord ? <Link href="/activity">Activity</Link> : undefined}
      className={css.changes}
    >
      {lines.length === 0 ? <p className={css.quiet}>Nothing was read or done in the last seven days.</p> : null}
      <ul className={css.rows}>
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines are made anew with each page
          <li key={index} className={css.change}>
            {line.icon}
            <span className={css.text}>{line.text}</span>
            {line.link ? (
              <Link href={line.link.href as Route} prefetch={false} className={css.changeLink}>
                {line.link.label}
              </Link>
            ) : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function linesOf({ changes, counters, history }: Overview, seesRecord: boolean): Change[] {
  const lines: Change[] = [];
  const { newIdentities, goneIdentities, synced, syncs, newConnections, denied } = changes;
  if (newIdentities > 0)
    lines.push({
      icon: <IconCirclePlus {...size} className={css.ok} />,
      text: `${capped(newIdentities)} identities new`,
      link: { label: "List", href: "/identities?firstSeen=7d" },
    });
  if (goneIdentities > 0)
    lines.push({
      icon: <IconCircleMinus {...size} className={css.warn} />,
      text: `${capped(goneIdentities)} identities gone`,
      link: { label: "All that are gone", href: "/identities?status=gone" },
    });
  lines.push(...privilegedLine(counters, history));
  lines.push(...syncedLines(synced, seesRecord));
  for (const connection of newConnections)
    lines.push({
      icon: <IconPlugConnected {...size} className={css.accent} />,
      text: (
        <>
          <Isolated mono value={connection.name} /> connected
        </>
      ),
      link: { label: <Time at={connection.at} />, href: `/connections/${connection.id}` },
    });
  if (syncs.done + syncs.failed > 0)
    lines.push({
      icon: <IconRefresh {...size} className={syncs.failed > 0 ? css.warn : css.ok} />,
      text: `${numberWords(syncs.done)} ${syncs.done === 1 ? "sync" : "syncs"} done, ${numberWords(syncs.failed)} failed`,
      link: { label: "Connections", href: "/connections" },
    });
  if (denied !== null && denied > 0)
    lines.push({
      icon: <IconBan {...size} className={css.warn} />,
      text: `${capped(denied)} ${denied === 1 ? "attempt" : "attempts"} denied here`,
      link: { label: "Events", href: "/activity?outcome=denied&in=7d" },
    });
  return lines;
}

function privilegedLine(counters: Overview["counters"], history: Overview["history"]): Change[] {
  const { days, series } = seriesOf(history, ["identities.privileged"]);
  const before = weekBefore(days, series[0]?.values ?? []);
  const difference = before === null ? 0 : (counters["identities.privileged"] ?? 0) - before;
  if (difference === 0) return [];
  return [
    {
      icon: <IconShieldUp {...size} className={difference > 0 ? css.warn : css.ok} />,
      text: `${signed(difference)} privileged identities`,
      link: { label: "All privileged", href: "/identities?privileged=true" },
    },
  ];
}

const nouns: Record<string, { words: string; icon: typeof IconKey }> = {
  assignment: { words: "assignments", icon: IconCirclePlus },
  account: { words: "accounts", icon: IconCirclePlus },
  principal: { words: "accounts and groups", icon: IconCirclePlus },
  credential: { words: "credentials", icon: IconKey },
};

function syncedLines(synced: Overview["changes"]["synced"], seesRecord: boolean): Change[] {
  return Object.entries(nouns).flatMap(([kind, { words, icon: Icon }]) => {
    const { added = 0, removed = 0 } = synced[kind] ?? {};
    if (added + removed === 0) return [];
    const link = seesRecord ? { label: "Syncs", href: "/activity?action=sync.finished&in=7d" } : null;
    return [
      {
        icon: <Icon {...size} className={css.accent} />,
        text: `${numberWords(added)} ${words} seen for the first time, ${numberWords(removed)} gone`,
        link,
      },
    ];
  });
}

function capped(count: number): string {
  return count >= 10_000 ? "10,000+" : numberWords(count);
}
