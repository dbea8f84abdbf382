import { IconHandStop, IconKey, IconPlugConnectedX, IconUserQuestion } from "@tabler/icons-react";
import type { Route } from "next";
import Link from "next/link";
import { numberWords } from "@/components/count";
import { Isolated } from "@/components/isolated";
import { Panel } from "@/components/panel";
import { Time } from "@/components/time";
import { figureLinks } from "@/lib/inventory/overview-links";
import type { Need } from "@/lib/inventory/overview-queries";
import type { Total } from "@/lib/lists/run-list";
import type { AccessNeed } from "@/lib/requests/need-queries";
import { accessLine, deskLine } from "./access-lines";
import type { NeedLine } from "./need-line";
import css from "./overview.module.css";

/** What needs somebody now, the worst first. */
export function NeedsPanel({ needs, access, desk }: { needs: Need[]; access: AccessNeed[]; desk: Total }) {
  const waiting = desk.value > 0 ? [deskLine(desk)] : [];
  const lines = [
    ...access.map(accessLine),
    ...waiting,
    ...needs.map((need) => ({ key: keyOf(need), ...lineOf(need) })),
  ];
  return (
    <Panel title="Needs somebody" aside={numberWords(lines.length)} flush className={css.needs}>
      {lines.length === 0 ? (
        <p className={css.quiet}>
          Nothing. Every system was read, every production machine has an owner, every account is matched, all access
          ended when it should.
        </p>
      ) : (
        <ul className={css.rows}>
          {lines.map((line) => (
            <li key={line.key} className={css.need}>
              {line.icon}
              <span className={css.text}>{line.text}</span>
              <span className={css.dimmed}>{line.who}</span>
              <span className={css.when}>{line.when}</span>
              <Link href={line.href as Route} prefetch={false} className={css.act}>
                {line.act}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

const size = { size: 18, stroke: 1.7, "aria-hidden": true } as const;

function keyOf(need: Need): string {
  return "id" in need ? `${need.type}${need.id}` : need.type;
}

function lineOf(need: Need): Omit<NeedLine, "key"> {
  if (need.type === "paused")
    return {
      icon: <IconHandStop {...size} className={css.bad} />,
      text: (
        <>
          Sync paused by the brake: <Isolated mono value={need.name} /> would drop {numberWords(need.removed)} of{" "}
          {numberWords(need.of)} {need.kind}s
        </>
      ),
      who: need.owner ?? "Nobody",
      when: <Time at={need.since} as="age" />,
      act: "Compare",
      href: `/connections/${need.id}`,
    };
  if (need.type === "failing")
    return {
      icon: <IconPlugConnectedX {...size} className={css.bad} />,
      text: (
        <>
          <Isolated mono value={need.name} /> could not be read: <Isolated value={need.message} />
        </>
      ),
      who: need.owner ?? "Nobody",
      when: need.since ? <Time at={need.since} as="age" /> : "never read",
      act: "Open",
      href: `/connections/${need.id}`,
    };
  if (need.type === "no_owner")
    return {
      icon: <IconUserQuestion {...size} className={css.warn} />,
      text: `${numberWords(need.count)} ${need.count === 1 ? "machine in production has" : "machines in production have"} no owner`,
      who: "Nobody",
      when: null,
      act: "Set owner",
      href: figureLinks["identities.no_owner.production"] ?? "/identities",
    };
  if (need.type === "unmatched")
    return {
      icon: <IconUserQuestion {...size} className={css.warn} />,
      text: `${numberWords(need.count)} ${need.count === 1 ? "account belongs" : "accounts belong"} to no known identity`,
      who: "Nobody",
      when: null,
      act: "Match",
      href: figureLinks["accounts.unmatched"] ?? "/accounts",
    };
  return {
    icon: <IconKey {...size} className={css.accent} />,
    text: `${numberWords(need.count)} ${need.count === 1 ? "credential ends" : "credentials end"} within 7 days${need.usedToday > 0 ? `, ${numberWords(need.usedToday)} used in the last day` : ""}`,
    who: "their owners",
    when: need.soonest ? <Time at={need.soonest} /> : null,
    act: "List",
    href: figureLinks["credentials.ending_7d"] ?? "/credentials",
  };
}
