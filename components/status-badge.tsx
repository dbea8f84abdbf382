import {
  IconAlertOctagon,
  IconAlertTriangle,
  IconArrowBackUp,
  IconBan,
  IconCalendarTime,
  IconChecks,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleMinus,
  IconClock,
  IconGhost2,
  IconHandStop,
  IconHourglass,
  IconLoader2,
  IconLock,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import css from "./status-badge.module.css";

type Tone = "blue" | "green" | "amber" | "red" | "grey";
type Look = { tone: Tone; icon: typeof IconBan; word: string };
const look = (tone: Tone, icon: typeof IconBan, word: string): Look => ({ tone, icon, word });

// Blue moves or waits, green is well, amber needs somebody, red failed or is dangerous, grey is over.
const looks = {
  identity: {
    active: look("green", IconCircleCheck, "Active"),
    disabled: look("grey", IconBan, "Disabled"),
    gone: look("grey", IconCircleMinus, "Gone"),
  },
  account: {
    active: look("green", IconCircleCheck, "Active"),
    disabled: look("grey", IconBan, "Disabled"),
    locked: look("amber", IconLock, "Locked"),
    expired: look("grey", IconClock, "Expired"),
  },
  credential: {
    active: look("green", IconCircleCheck, "Active"),
    disabled: look("grey", IconBan, "Disabled"),
    expired: look("grey", IconClock, "Expired"),
  },
  connection: {
    new: look("blue", IconCircleDashed, "Not yet read"),
    current: look("green", IconCircleCheck, "Current"),
    failing: look("red", IconAlertOctagon, "Cannot read"),
    paused: look("red", IconHandStop, "Paused by brake"),
  },
  sync: {
    queued: look("blue", IconHourglass, "Queued"),
    reading: look("blue", IconLoader2, "Reading"),
    reconciling: look("blue", IconLoader2, "Reconciling"),
    paused: look("red", IconHandStop, "Paused by brake"),
    done: look("green", IconChecks, "Done"),
    failed: look("red", IconAlertOctagon, "Failed"),
    discarded: look("grey", IconCircleMinus, "Discarded"),
  },
  outcome: {
    allowed: look("green", IconCircleCheck, "Allowed"),
    denied: look("amber", IconBan, "Denied"),
    failed: look("red", IconAlertOctagon, "Failed"),
  },
  person: {
    active: look("green", IconCircleCheck, "Active"),
    disabled: look("grey", IconBan, "Disabled"),
  },
  channel: {
    on: look("green", IconCircleCheck, "On"),
    off: look("grey", IconBan, "Off"),
  },
  destination: {
    new: look("blue", IconHourglass, "Nothing yet"),
    current: look("green", IconCircleCheck, "Arrives"),
    failing: look("red", IconAlertOctagon, "Gets nothing"),
    paused: look("amber", IconHandStop, "Paused"),
  },
  delivery: {
    waiting: look("blue", IconHourglass, "Waiting"),
    sent: look("green", IconChecks, "Sent"),
    failed: look("red", IconAlertOctagon, "Failed"),
    given_up_by_person: look("grey", IconCircleMinus, "Given up"),
  },
  request: {
    pending: look("blue", IconHourglass, "Pending"),
    approved: look("green", IconCircleCheck, "Approved"),
    fulfilled: look("green", IconChecks, "Fulfilled"),
    denied: look("grey", IconBan, "Denied"),
    cancelled: look("grey", IconArrowBackUp, "Cancelled"),
    expired: look("grey", IconClock, "Expired"),
    withdrawn: look("grey", IconGhost2, "Withdrawn"),
    failed: look("red", IconAlertOctagon, "Failed"),
  },
  requestStep: {
    waiting: look("grey", IconCircleDashed, "Not yet"),
    open: look("blue", IconHourglass, "Asked"),
    approved: look("green", IconCircleCheck, "Approved"),
    denied: look("grey", IconBan, "Denied"),
    closed: look("grey", IconCircleMinus, "Not needed any more"),
  },
  grant: {
    scheduled: look("grey", IconCalendarTime, "Scheduled"),
    activating: look("blue", IconLoader2, "Activating"),
    active: look("green", IconCircleCheck, "Active"),
    ending: look("blue", IconLoader2, "Ending"),
    ended: look("green", IconChecks, "Ended, proven"),
    activation_failed: look("red", IconAlertOctagon, "Giving failed"),
    ending_failed: look("red", IconAlertOctagon, "Ending failed"),
    resurrected: look("red", IconGhost2, "Came back"),
  },
  offboarding: {
    ordered: look("grey", IconCalendarTime, "Ordered"),
    executing: look("blue", IconLoader2, "Taking"),
    verifying: look("blue", IconHourglass, "Proving"),
    waiting_for_people: look("amber", IconAlertTriangle, "Waits for people"),
    closed: look("green", IconChecks, "Gone, proven"),
    paused_by_brake: look("red", IconHandStop, "Paused by brake"),
    cancelled: look("grey", IconArrowBackUp, "Undone"),
  },
  offboardingStep: {
    planned: look("grey", IconCircleDashed, "Ordered"),
    acknowledged: look("blue", IconLoader2, "Done, being proven"),
    verified: look("green", IconChecks, "Gone, proven"),
    failed: look("red", IconAlertOctagon, "Failed, tried again"),
    needs_person: look("amber", IconAlertTriangle, "Needs somebody"),
    by_hand: look("green", IconCircleCheck, "Done by hand"),
    kept: look("amber", IconClock, "Kept for a time"),
    with_account: look("grey", IconLock, "Goes with the account"),
    resurrected: look("red", IconGhost2, "Came back"),
    dropped: look("grey", IconCircleMinus, "Not needed"),
    restored: look("blue", IconArrowBackUp, "Given back"),
  },
  restoredEnding: {
    waiting: look("blue", IconHourglass, "Waiting"),
    taken: look("green", IconChecks, "Taken back again"),
    already: look("grey", IconCircleCheck, "Was so already"),
    unknown: look("grey", IconGhost2, "Not known here"),
    overtaken: look("grey", IconArrowBackUp, "Passed over"),
    by_hand: look("amber", IconAlertTriangle, "For a person"),
    failed: look("red", IconAlertOctagon, "Could not be done"),
  },
  token: {
    active: look("green", IconCircleCheck, "Active"),
    expired: look("grey", IconClock, "Expired"),
    revoked: look("grey", IconBan, "Revoked"),
  },
} as const satisfies Record<string, Record<string, Look>>;

type Looks = typeof looks;

type Props<Noun extends keyof Looks> = {
  of: Noun;
  state: keyof Looks[Noun] & string;
  /** In place of the word: "26 h old". */
  children?: ReactNode;
};

/** A state, the one way it is shown: icon, word, border, tint. */
export function StatusBadge<Noun extends keyof Looks>({ of, state, children }: Props<Noun>) {
  const found: Record<string, Look> = looks[of];
  const { tone, icon, word } = found[state] ?? { tone: "grey", icon: IconCircleDashed, word: state };
  return (
    <Badge tone={tone} icon={icon}>
      {children ?? word}
    </Badge>
  );
}

/** A badge with words of its own, for what is no state: "3 findings". */
export function Badge({
  tone,
  icon: Icon = IconAlertTriangle,
  children,
}: {
  tone: Tone;
  icon?: typeof IconBan;
  children: ReactNode;
}) {
  return (
    <span className={css.badge} data-tone={tone}>
      <Icon size={13} stroke={2} aria-hidden />
      {children}
    </span>
  );
}
