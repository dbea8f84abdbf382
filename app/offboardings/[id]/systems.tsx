"use client";

import { IconAlertOctagon, IconCheck, IconClock, IconLoader2 } from "@tabler/icons-react";
import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { numberWords } from "@/components/count";
import { Name } from "@/components/name";
import { Panel } from "@/components/panel";
import { PlainTable } from "@/components/plain-table";
import { Time } from "@/components/time";
import type { Progress, SystemProgress } from "@/lib/offboarding/progress-queries";
import { tookWords } from "../span-words";
import css from "./run.module.css";
import type { RunFacts } from "./run-facts";

/** How far each system is: what was ordered, done, read back and probed there, counted from the order. */
export function Systems({ run, progress, live }: { run: RunFacts; progress: Progress; live: boolean }) {
  const { systems, state } = progress;
  if (systems.length === 0) return null;
  return (
    <Panel
      title="Systems"
      aside={
        <>
          {systems.length}, times since <Time at={run.sinceAt} as="full" />
        </>
      }
      action={
        <span className={css.live} data-live={live} role="status">
          {live ? "live" : state === "closed" ? "at rest" : "not live"}
        </span>
      }
      flush
    >
      <PlainTable
        label="Systems"
        columns={state === "cancelled" ? undone : taken}
        rows={systems.map((system) => ({ key: system.id ?? "here", cells: cellsOf(system) }))}
      />
    </Panel>
  );
}

const undone = [
  { key: "name", label: "System" },
  { key: "gone", label: "As it was", keep: true },
] as const;
const taken = [
  { key: "name", label: "System" },
  { key: "gone", label: "Gone", keep: true },
  { key: "ordered", label: "Ordered", keep: true },
  { key: "done", label: "Done", keep: true },
  { key: "readBack", label: "Read back", keep: true },
  { key: "probed", label: "Probed" },
] as const;

function cellsOf(system: SystemProgress): Record<string, ReactNode> {
  const { id, name, what, gone, steps } = system;
  const counts = (
    <span className={css.counts}>
      <span>
        {numberWords(gone)} of {numberWords(steps)}
      </span>
      <progress className={css.bar} max={steps} value={gone} aria-label={name} data-full={gone >= steps} />
    </span>
  );
  const system_ = (
    <span className={css.system}>
      {id ? (
        <Link href={`/connections/${id}` as Route}>
          <Name value={name} strong />
        </Link>
      ) : (
        <Name value={name} strong />
      )}
      <span className="dimmed">{what}</span>
    </span>
  );
  return {
    name: system_,
    gone: counts,
    ordered: <Passed ms={system.orderedMs} />,
    done: doneOf(system),
    readBack: system.gone < system.steps ? notYet : <Passed ms={system.readBackMs} />,
    probed: <Probed system={system} />,
  };
}

// What a person did is acknowledged by no system.
function doneOf(system: SystemProgress): ReactNode {
  if (system.doneMs !== null) return <Passed ms={system.doneMs} />;
  return system.done < system.steps ? <Doing system={system} /> : <span className="dimmed">by hand</span>;
}

const notYet = <span className="dimmed">not yet</span>;

function Passed({ ms }: { ms: number | null }) {
  if (ms === null) return notYet;
  return (
    <Fact icon={IconCheck} tone="ok">
      <span className="mono">+{tookWords(ms)}</span>
    </Fact>
  );
}

function Doing({ system }: { system: SystemProgress }) {
  const { troubled, nextTryAt, attempts, done, steps } = system;
  if (troubled > 0) {
    return (
      <Fact icon={IconAlertOctagon} tone={nextTryAt ? "bad" : "warn"}>
        {nextTryAt ? `no, after try ${attempts}` : `${troubled} by hand`}
      </Fact>
    );
  }
  if (done === 0) return notYet;
  return (
    <Fact icon={IconLoader2} tone="accent">
      {done} of {steps}
    </Fact>
  );
}

function Probed({ system }: { system: SystemProgress }) {
  const { accounts, refused, notTried, outlivesUntil, outlives, id } = system;
  if (id === null) return system.gone < system.steps ? notYet : <Refused>refused</Refused>;
  if (accounts === 0) return <span className="dimmed">no account to probe</span>;
  if (refused + notTried < accounts) return notYet;
  return (
    <span className={css.facts}>
      {notTried > 0 ? <span className="dimmed">sign-in not tried</span> : <Refused>sign-in refused</Refused>}
      {outlives ? (
        <Fact icon={IconClock} tone="warn">
          {outlivesUntil ? (
            <>
              some lives until <Time at={outlivesUntil} />
            </>
          ) : (
            "some lives on"
          )}
        </Fact>
      ) : null}
    </span>
  );
}

function Refused({ children }: { children: ReactNode }) {
  return (
    <Fact icon={IconCheck} tone="ok">
      {children}
    </Fact>
  );
}

type FactProps = { icon: typeof IconCheck; tone: "ok" | "warn" | "bad" | "accent"; children: ReactNode };

/** A word beside its sign. */
export function Fact({ icon: Icon, tone, children }: FactProps) {
  return (
    <span className={css.fact} data-tone={tone}>
      <Icon size={14} stroke={2} aria-hidden />
      <span>{children}</span>
    </span>
  );
}
