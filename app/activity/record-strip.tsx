import { IconCircleDashed, IconListNumbers } from "@tabler/icons-react";
import { numberWords } from "@/components/count";
import { Time } from "@/components/time";
import css from "./activity.module.css";

type Props = { state: { size: number; waiting: number; lastAt: Date | null } };

/** How far the log is. Says only what is so: each event here has its number and its hash; nothing is signed yet. */
export function RecordStrip({ state }: Props) {
  return (
    <p className={css.strip}>
      <IconListNumbers size={18} stroke={1.7} aria-hidden />
      {state.lastAt ? (
        <span>
          <b>{numberWords(state.size)} events in the log</b>, numbered without gaps, each with its hash. The last got
          its number <Time at={state.lastAt} as="full" />.
        </span>
      ) : (
        <span>The log is empty.</span>
      )}
      {state.waiting > 0 ? (
        <span className={css.waiting}>
          <IconCircleDashed size={14} stroke={1.7} aria-hidden /> {numberWords(Math.min(state.waiting, 10_000))}
          {state.waiting > 10_000 ? "+" : ""} wait for their number
        </span>
      ) : null}
    </p>
  );
}
