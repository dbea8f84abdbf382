import type { ReactNode } from "react";
import css from "@/components/access/access.module.css";
import { Isolated } from "@/components/isolated";
import { Panel } from "@/components/panel";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { stepKindLabels } from "@/lib/offboarding/labels";
import type { OwnMove, OwnMoveStep } from "@/lib/offboarding/own-move-queries";

/** What ends because its holder moved, as they see it themself: each with its end, and who said why it stays. */
export function Moving({ move: { number, moved, createdAt, held, steps } }: { move: OwnMove }) {
  const managers = [moved.fromManager, ...moved.between.map(({ manager }) => manager), moved.toManager];
  const asked = [...new Set(managers)].filter((name) => name !== null);
  return (
    <Panel title="Ends because you moved" aside={`O-${number}`} flush>
      <p className={css.note}>
        Your manager or team changed <Time at={createdAt} />.{" "}
        {held
          ? "Nothing ends yet: somebody of security looks at it first."
          : "What you had before ends at its time, unless somebody says that it stays."}
        {asked.length > 0 ? (
          <>
            {" "}
            Ask: <Isolated value={asked.join(", ")} />.
          </>
        ) : null}
      </p>
      <ul className={css.rows}>
        {steps.map((step) => (
          <li key={step.id} className={css.row}>
            <span className={css.grow}>
              <span className="dimmed">{stepKindLabels[step.kind]}</span> <Isolated value={step.name} />
              {step.words ? (
                <span className="dimmed">
                  <br />
                  <Isolated value={step.wordsBy} />: <Isolated value={step.words} />
                </span>
              ) : null}
            </span>
            <StatusBadge of="offboardingStep" state={step.state}>
              {endOf(step)}
            </StatusBadge>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** When it ends by the move, in words; without any where its state says it. */
export function endOf({ state, endsAt, keptUntil }: OwnMoveStep): ReactNode {
  if (state === "needs_person") return "Stays until somebody takes it";
  if (keptUntil !== null && (state === "planned" || state === "kept")) return <On word="Kept until" at={keptUntil} />;
  if (state !== "planned") return undefined;
  return endsAt ? <On word="Ends" at={endsAt} /> : "Ends now";
}

function On({ word, at }: { word: string; at: Date }) {
  return (
    <span>
      {word} <Time at={at} as="date" />
    </span>
  );
}
