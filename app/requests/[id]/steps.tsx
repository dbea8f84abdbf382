import css from "@/components/access/access.module.css";
import { Isolated } from "@/components/isolated";
import { Panel } from "@/components/panel";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { durationWords } from "@/lib/grants/labels";
import { whoWords } from "@/lib/requests/labels";
import type { DecisionRow, RequestDetail, RequestStepRow } from "@/lib/requests/request-queries";

/** The steps of an approval: who is asked, who answered, and in which words. */
export function Steps({ request }: { request: RequestDetail }) {
  const { steps, breakGlass } = request;
  return (
    <Panel title="Who decides" aside={steps.length > 1 ? `${steps.length} steps` : undefined} flush>
      {steps.length === 0 ? (
        <p className={css.note}>
          {breakGlass ? "Nobody beforehand: the glass was broken." : "Nobody has to: the policies let it through."}
        </p>
      ) : (
        <ol className={css.rows}>
          {steps.map((step) => (
            <Step key={step.id} step={step} />
          ))}
        </ol>
      )}
    </Panel>
  );
}

function Step({ step }: { step: RequestStepRow }) {
  const open = step.approvers.filter((it) => it.open);
  return (
    <li className={css.row}>
      <div className={css.grow}>
        <p className={css.line}>
          <StatusBadge of="requestStep" state={step.state} />
          {step.needed > 1 ? <span>{step.needed} people</span> : null}
          {step.state === "open" && step.dueAt ? (
            <span className="dimmed">
              due <Time at={step.dueAt} />
            </span>
          ) : null}
          {step.escalated ? <span className="dimmed">others were asked too, it was late</span> : null}
        </p>
        {step.decisions.map((decision) => (
          <Said key={decision.at} decision={decision} />
        ))}
        {open.length > 0 ? (
          <p className="dimmed">
            asks{" "}
            {open.slice(0, 4).map((it, n) => (
              <span key={it.id}>
                {n > 0 ? ", " : null}
                <Isolated value={it.name} /> ({it.because})
              </span>
            ))}
            {open.length > 4 ? ` and ${open.length - 4} more` : null}
          </p>
        ) : null}
        {step.state === "waiting" ? <p className="dimmed">then {whoWords(step.who)}</p> : null}
      </div>
    </li>
  );
}

const verbs = { approve: "approved", deny: "denied", ask: "asked back" } as const;

function Said({ decision }: { decision: DecisionRow }) {
  return (
    <p>
      <strong>
        <Isolated value={decision.by} />
      </strong>{" "}
      {verbs[decision.decision]}
      {decision.onBehalfOf ? ` for ${decision.onBehalfOf}` : ""}
      {decision.durationSeconds ? `, for ${durationWords(decision.durationSeconds)}` : ""}
      {decision.dropped > 0 ? `, less ${decision.dropped}` : ""}
      {decision.steppedUp ? ", with a passkey" : ""}{" "}
      <span className="dimmed">
        <Time at={decision.at} />
      </span>
      {decision.comment ? (
        <>
          : <Isolated value={decision.comment} />
        </>
      ) : null}
    </p>
  );
}
