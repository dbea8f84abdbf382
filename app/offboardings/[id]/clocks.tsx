"use client";

import { IconAlertOctagon, IconCircleCheck, IconClock } from "@tabler/icons-react";
import { numberWords } from "@/components/count";
import { Isolated } from "@/components/isolated";
import { useReaderFacts } from "@/components/reader";
import { Badge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { Progress } from "@/lib/offboarding/progress-queries";
import { dayMs } from "@/lib/time";
import { tookWords } from "../span-words";
import { Clock } from "./clock";
import { Elapsed } from "./elapsed";
import { MoveClock } from "./move-clock";
import type { RunFacts } from "./run-facts";

type Props = { run: RunFacts; progress: Progress };

/** The two clocks: is every way in shut, and is all of it gone and handed on; each with its target. */
export function Clocks(props: Props) {
  if (props.run.kind === "mover" && props.progress.state !== "cancelled") return <MoveClock {...props} />;
  return (
    <>
      <Contain {...props} />
      <Complete {...props} />
    </>
  );
}

function Contain({ run, progress }: Props) {
  const { nowMs } = useReaderFacts();
  const { waysIn, waysShut, containedAt, state } = progress;
  const title = `Contain: ${run.kind === "machine" ? "can it get in?" : "can they get in?"}`;
  if (state === "cancelled") return <Undone progress={progress} />;
  if (run.begunAt === null) {
    return (
      <Clock title={title} big="Not begun" aside={<Planned run={run} state={state} />} done={0} of={1}>
        Until then nothing is taken.
      </Clock>
    );
  }
  if (Date.parse(run.shutAt) > nowMs) {
    return (
      <Clock title={title} big="Open until then" aside={<Planned run={run} state={state} />} done={0} of={1}>
        Its owners were told, so that whoever still calls with it can stop before.
      </Clock>
    );
  }
  if (containedAt !== null && waysShut < waysIn) {
    return (
      <Clock
        title={title}
        badge={
          <Badge tone="red" icon={IconAlertOctagon}>
            Came back
          </Badge>
        }
        big="Open again"
        aside={
          <>
            was proven shut <Time at={containedAt} />
          </>
        }
        done={waysShut}
        of={waysIn}
      >
        {waysWords(progress)}
      </Clock>
    );
  }
  const took = containedAt === null ? null : Math.max(0, Date.parse(containedAt) - Date.parse(run.shutAt));
  return (
    <Clock
      title={title}
      badge={<Target by={run.containBy} at={containedAt} />}
      big={took === null ? "Not yet" : "No, proven"}
      aside={
        took === null ? (
          <Elapsed since={run.shutAt} />
        ) : (
          <>
            Proven after {tookWords(took)}, <Time at={containedAt ?? ""} />
          </>
        )
      }
      done={waysShut}
      of={waysIn}
    >
      {waysIn === 0 ? "There was no way in." : `${waysShut} of ${waysIn} ways in proven shut.`}{" "}
      <Outlives of={progress} />
    </Clock>
  );
}

function waysWords({ waysIn, waysShut }: Progress): string {
  if (waysIn === 0) return "There was no way in.";
  return `${waysShut} of ${waysIn} ${waysIn === 1 ? "way" : "ways"} in proven shut.`;
}

function Complete({ run, progress }: Props) {
  const { nowMs } = useReaderFacts();
  const { completedAt, items, openItems, state } = progress;
  const [steps, gone] = totals(progress);
  const title = "Complete: all gone, handed on?";
  if (state === "cancelled") return null;
  const days = run.completeBy ? Math.round((Date.parse(run.completeBy) - Date.parse(run.shutAt)) / dayMs) : 0;
  const day = Math.max(1, Math.ceil((nowMs - Date.parse(run.shutAt)) / dayMs));
  const begun = run.begunAt !== null && Date.parse(run.shutAt) <= nowMs;
  return (
    <Clock
      title={title}
      badge={begun ? <Target by={run.completeBy} at={completedAt} /> : null}
      big={completedAt ? "Yes" : begun ? <span suppressHydrationWarning>{`Day ${day} of ${days}`}</span> : "Not begun"}
      aside={
        completedAt ? (
          <Time at={completedAt} as="full" />
        ) : run.completeBy ? (
          <>
            due <Time at={run.completeBy} as="full" />
          </>
        ) : null
      }
      done={gone + items - openItems}
      of={steps + items}
    >
      {begun ? `${numberWords(gone)} of ${numberWords(steps)} gone. ${leftWords(items, openItems)} ` : null}
      {run.holdDays === null
        ? "Rollcall deletes no account."
        : `Accounts are deleted after a hold of ${run.holdDays} ${run.holdDays === 1 ? "day" : "days"}.`}
    </Clock>
  );
}

function leftWords(items: number, open: number): string {
  return items === 0 ? "Nothing is left behind." : `${items - open} of ${items} left behind settled.`;
}

function Undone({ progress }: { progress: Progress }) {
  const [steps, back] = totals(progress);
  const moving = steps - back;
  return (
    <Clock title="Is all as it was?" big={moving > 0 ? "Not yet" : "Undone"} done={back} of={steps}>
      {moving > 0
        ? `${moving} of ${steps} still to be put back as they were.`
        : "What was shut is open again, and what was taken is given back, as far as it comes back."}
    </Clock>
  );
}

function Planned({ run, state }: { run: RunFacts; state: Progress["state"] }) {
  if (state === "paused_by_brake") return "held by the brake";
  return (
    <>
      shuts <Time at={run.shutAt} as="full" />
    </>
  );
}

function Target({ by, at }: { by: string | null; at: string | null }) {
  const { nowMs } = useReaderFacts();
  if (by === null) return null;
  const kept = (
    <Badge tone={at === null ? "blue" : "green"} icon={at === null ? IconClock : IconCircleCheck}>
      {at === null ? "On time so far" : "In time"}
    </Badge>
  );
  const isLate = (at === null ? nowMs : Date.parse(at)) > Date.parse(by);
  return isLate ? missed : kept;
}

const missed = (
  <Badge tone="amber" icon={IconClock}>
    Later than wanted
  </Badge>
);

function Outlives({ of }: { of: Progress }) {
  const living = of.systems.filter((system) => system.outlives !== null);
  const [first] = living;
  if (!first) return null;
  return (
    <>
      Lives on in <Isolated value={first.name} />
      {living.length > 1 ? ` and ${living.length - 1} more` : ""}: <Isolated value={first.outlives} />
      {first.outlivesUntil ? (
        <>
          , until <Time at={first.outlivesUntil} as="full" /> at the latest
        </>
      ) : null}
      .
    </>
  );
}

function totals({ systems }: Progress): [steps: number, gone: number] {
  const sum = (of: "steps" | "gone") => systems.reduce((total, system) => total + system[of], 0);
  return [sum("steps"), sum("gone")];
}
