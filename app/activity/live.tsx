import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import css from "./activity.module.css";

export type LiveState = "off" | "connecting" | "on" | "lost";

type Props = { state: LiveState; rate: number; toggle: () => void };

/** Whether new events appear by themselves, how many a second, and the switch. */
export function Live({ state, rate, toggle }: Props) {
  const running = state !== "off";
  const words = {
    off: "Not live",
    connecting: "Connecting",
    on: rate > 0 ? `Live, ${rate < 1 ? "under 1" : Math.round(rate)} a second` : "Live",
    lost: "No connection, trying again",
  }[state];
  return (
    <button type="button" className={css.live} onClick={toggle} aria-pressed={running}>
      <span className={css.dot} data-state={state} aria-hidden />
      <span role="status">{words}</span>
      {running ? (
        <IconPlayerPause size={15} stroke={1.7} aria-hidden />
      ) : (
        <IconPlayerPlay size={15} stroke={1.7} aria-hidden />
      )}
      <span className="unseen">{running ? "Pause" : "Go live"}</span>
    </button>
  );
}
