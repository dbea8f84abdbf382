import { IconAlertTriangle, IconCircleCheck, IconHandStop, IconUsers } from "@tabler/icons-react";
import css from "@/components/access/access.module.css";
import { Isolated } from "@/components/isolated";
import { Panel } from "@/components/panel";
import type { DecisionView } from "@/lib/requests/inbox-queries";
import { whoWords } from "@/lib/requests/labels";

/** What was checked, what outlives a revocation, and who comes after. */
export function Checks({ view }: { view: DecisionView }) {
  const { request, facts, conflicts } = view;
  const outlives = [...new Set(facts.items.flatMap(({ outlives }) => (outlives ? [outlives] : [])))];
  const after = request.steps.filter(({ state }) => state === "waiting");
  return (
    <Panel title="Checks" action={<span className="dimmed">policies, version {request.policyVersion}</span>} flush>
      <ul className={css.rows}>
        {conflicts.length === 0 ? (
          <li className={css.row}>
            <IconCircleCheck size={18} stroke={1.7} aria-hidden className={css.icon} data-tone="ok" />
            <span className={css.grow}>No conflict of duties, over held, granted and pending</span>
          </li>
        ) : (
          <li className={css.row}>
            <IconHandStop size={18} stroke={1.7} aria-hidden className={css.icon} data-tone="bad" />
            <span className={css.grow}>
              Would break a separation of duties: <Isolated value={conflicts.join(", ")} />
            </span>
          </li>
        )}
        {outlives.map((words) => (
          <li key={words} className={css.row}>
            <IconAlertTriangle size={18} stroke={1.7} aria-hidden className={css.icon} data-tone="warn" />
            <span className={css.grow}>{words}</span>
          </li>
        ))}
        {facts.items.some(({ privilege }) => privilege >= 2) ? (
          <li className={css.row}>
            <IconAlertTriangle size={18} stroke={1.7} aria-hidden className={css.icon} data-tone="warn" />
            <span className={css.grow}>What is changed with it stays changed after it ends</span>
          </li>
        ) : null}
        {after.map((step) => (
          <li key={step.id} className={css.row}>
            <IconUsers size={18} stroke={1.7} aria-hidden className={css.icon} data-tone="dim" />
            <span className={css.grow}>After you: {whoWords(step.who)}</span>
          </li>
        ))}
      </ul>
      <p className={`${css.note} dimmed`}>What you see here is kept with your decision.</p>
    </Panel>
  );
}
