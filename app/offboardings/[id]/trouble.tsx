"use client";

import { IconAlertOctagon, IconHandStop, IconHourglass } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Isolated } from "@/components/isolated";
import { Time } from "@/components/time";
import type { Deciders } from "@/lib/offboarding/decider-queries";
import type { Progress, SystemProgress } from "@/lib/offboarding/progress-queries";
import css from "./run.module.css";
import type { RunFacts } from "./run-facts";
import { WaitsFor } from "./waits-for";

const mostShown = 3;

/** First what needs somebody: what failed, what the brake holds, what waits for a person. */
export function Trouble({ run, progress }: { run: RunFacts; progress: Progress }) {
  const { state, openItems } = progress;
  const troubled = state === "cancelled" ? [] : progress.systems.filter((system) => system.troubled > 0);
  if (state === "paused_by_brake") {
    return (
      <Note tone="bad" icon={IconHandStop} title="The brake holds this run">
        <Isolated value={run.because} /> Somebody of security or an administrator, who did not order it, lets it go on.
        <WaitsFor who={progress.waitsFor} />
      </Note>
    );
  }
  if (troubled.length > 0) return <Systems systems={troubled} waitsFor={progress.waitsFor} />;
  if (openItems === 0 || run.begunAt === null || state === "cancelled") return null;
  return (
    <Note tone="warn" icon={IconHourglass} title={`${openItems} left behind ${openItems === 1 ? "waits" : "wait"}`}>
      The run cannot close before each of them has somebody, or is ended.{" "}
      <a href="#left-behind">Look at what is left behind</a>
      <WaitsFor who={progress.waitsFor} />
    </Note>
  );
}

function Systems({ systems, waitsFor }: { systems: readonly SystemProgress[]; waitsFor: Deciders | null }) {
  const failed = systems.some((system) => system.nextTryAt !== null);
  const sum = systems.reduce((total, system) => total + system.troubled, 0);
  return (
    <Note
      tone={failed ? "bad" : "warn"}
      icon={IconAlertOctagon}
      title={`${sum} ${sum === 1 ? "path is" : "paths are"} not gone yet`}
    >
      <ul className={css.troubles}>
        {systems.slice(0, mostShown).map((system) => (
          <li key={system.id ?? ""}>
            <strong>
              <Isolated value={system.name} />
            </strong>
            , {system.troubled}: <Isolated value={system.because ?? "it came back"} />
            {system.nextTryAt ? (
              <>
                . Tried {system.attempts} {system.attempts === 1 ? "time" : "times"}, again{" "}
                <Time at={system.nextTryAt} />
              </>
            ) : null}
          </li>
        ))}
      </ul>
      {systems.length > mostShown ? `And ${systems.length - mostShown} more systems. ` : null}
      <a href="#receipt">What is still open</a>
      <WaitsFor who={waitsFor} />
    </Note>
  );
}

type NoteProps = { tone: "bad" | "warn"; icon: typeof IconHandStop; title: string; children: ReactNode };

function Note({ tone, icon: Icon, title, children }: NoteProps) {
  return (
    <section className={css.trouble} data-tone={tone} aria-label={title}>
      <h2>
        <Icon size={16} stroke={2} aria-hidden /> {title}
      </h2>
      <div>{children}</div>
    </section>
  );
}
