import { IconAlertOctagon, IconCircleCheck, IconCircleDashed, IconClock, IconHandStop } from "@tabler/icons-react";
import type { Route } from "next";
import Link from "next/link";
import { Isolated } from "@/components/isolated";
import { UseLine } from "@/components/last-use";
import { Panel } from "@/components/panel";
import { Time } from "@/components/time";
import type { SystemFreshness } from "@/lib/inventory/overview-queries";
import { minuteMs } from "@/lib/time";
import css from "./overview.module.css";

const shown = 8;

/** Each system: when it was last read, and what is known of use in it. */
export function SystemsPanel({ systems, nowMs }: { systems: SystemFreshness[]; nowMs: number }) {
  return (
    <Panel
      title="Systems"
      aside={`${systems.length}, last read and what is known of use`}
      action={<Link href="/connections">{systems.length > shown ? `${systems.length - shown} more` : "All"}</Link>}
      flush
    >
      <ul className={css.systems}>
        {systems.slice(0, shown).map((system) => (
          <li key={system.id}>
            <State system={system} late={isLate(system, nowMs)} />
            <Link href={`/connections/${system.id}` as Route} prefetch={false} className={css.system}>
              <Isolated mono value={system.name} />
            </Link>
            <span className={css.read} data-tone={toneOf(system, nowMs)}>
              {system.status === "paused" ? (
                "paused"
              ) : system.lastReadAt ? (
                <Time at={system.lastReadAt} />
              ) : (
                "not yet read"
              )}
            </span>
            <Coverage coverage={system.coverage} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

// Twice the schedule and a quarter of an hour: something that should have read it did not.
function isLate({ lastReadAt, scheduleMinutes }: SystemFreshness, nowMs: number): boolean {
  if (!lastReadAt || scheduleMinutes === null) return false;
  return nowMs - lastReadAt.getTime() > (2 * scheduleMinutes + 15) * minuteMs;
}

function toneOf(system: SystemFreshness, nowMs: number): "bad" | "warn" | undefined {
  if (system.status === "paused" || system.status === "failing") return "bad";
  return isLate(system, nowMs) ? "warn" : undefined;
}

const icons = {
  new: IconCircleDashed,
  current: IconCircleCheck,
  failing: IconAlertOctagon,
  paused: IconHandStop,
} as const;
const words = {
  new: "not yet read",
  current: "current",
  failing: "cannot be read",
  paused: "paused by the brake",
} as const;
const tones = { new: "accent", current: "ok", failing: "bad", paused: "bad" } as const;

function State({ system, late }: { system: SystemFreshness; late: boolean }) {
  const overdue = late && system.status === "current";
  const Icon = overdue ? IconClock : icons[system.status];
  const word = overdue ? "overdue" : words[system.status];
  return (
    <span className={css[overdue ? "warn" : tones[system.status]]} data-tip={word}>
      <Icon size={16} stroke={1.7} aria-hidden />
      <span className="unseen">{word}</span>
    </span>
  );
}

function Coverage({ coverage }: Pick<SystemFreshness, "coverage">) {
  if (coverage.complete && coverage.since)
    return (
      <span className={css.coverage}>
        <UseLine state="used" /> since <Time at={coverage.since} as="date" />
      </span>
    );
  return (
    <span className={css.coverage}>
      <UseLine state="unknown" />
      <span className={css.because} data-tip={coverage.because || undefined}>
        {coverage.because || "use is not known"}
      </span>
    </span>
  );
}
