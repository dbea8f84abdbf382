import { type Message, say } from "../message";
import { known, timeWords } from "./words";

/** A run of somebody or something that leaves, as messages tell of it. */
export type LeavingFacts = {
  id: string;
  number: number;
  name: string;
  isMachine: boolean;
  reason: string;
  orderedBy: string;
  shutAt: Date;
  containedAt: Date | null;
  /** How much waits for somebody to decide. */
  open: number;
};

export const leavingNews = [
  "announced",
  "begun",
  "waiting",
  "reminder",
  "handed",
  "closed",
  "paused",
  "trouble",
  "late",
  "came_back",
  "hired_again",
  "caller",
  "consumer",
  "moved",
  "move_off",
] as const;
export type LeavingNews = (typeof leavingNews)[number];

/** To whom it concerns: that somebody leaves, what waits for them, and what went wrong. */
export function leavingTold(run: LeavingFacts, news: LeavingNews, detail: string | null = null): Message {
  const { subject, lead, event, tone } = words(run)[news];
  return {
    event,
    subject,
    lead: [...lead, ...(detail ? [say`${detail}`] : [])],
    facts: known([
      [run.isMachine ? "Machine" : "Person", run.name],
      ["Ordered by", run.orderedBy],
      ["Reason", news === "handed" || news === "consumer" ? null : run.reason || null],
      ["Shut", timeWords(run.shutAt)],
      ["Proven shut", run.containedAt ? timeWords(run.containedAt) : null],
      ["Waits for a decision", run.open > 0 ? String(run.open) : null],
    ]),
    // Who takes something over may not read the run.
    action:
      news === "handed"
        ? { label: "See what it is", path: "/inbox#handed" }
        : news === "consumer"
          ? { label: "See what you own", path: "/identities" }
          : { label: "Open the run", path: `/offboardings/${run.id}` },
    tone,
    thread: `offboarding-${run.id}`,
    data: { offboardingId: run.id, number: run.number, name: run.name, news, open: run.open },
  };
}

type Words = Pick<Message, "subject" | "lead" | "event" | "tone">;

function words({ name, shutAt, containedAt }: LeavingFacts): Record<LeavingNews, Words> {
  return {
    announced: {
      event: "offboarding.begun",
      subject: say`${name} is to be retired`,
      lead: [say`It is shut at ${timeWords(shutAt)}. Whoever still calls with it should stop before that.`],
      tone: "warning",
    },
    begun: {
      event: "offboarding.begun",
      subject: say`${name} leaves`,
      lead: [say`Every way in is being shut, and asked of each system afterwards.`],
      tone: "plain",
    },
    waiting: {
      event: "offboarding.waiting",
      subject: say`What ${name} leaves behind waits for you`,
      lead: [say`The run cannot close before each of these has somebody, or is ended.`],
      tone: "warning",
    },
    reminder: {
      event: "offboarding.waiting",
      subject: say`What ${name} leaves behind still waits`,
      lead: [say`Nobody has decided on it for days. The run cannot close before each has somebody, or is ended.`],
      tone: "warning",
    },
    handed: {
      event: "offboarding.handed_over",
      subject: say`What ${name} had is yours now`,
      lead: [say`It was handed to you because ${name} leaves. It stands under Waiting for me for 30 days.`],
      tone: "plain",
    },
    closed: {
      event: "offboarding.closed",
      subject: say`${name} has left: nothing is open`,
      lead: [say`Every step was read back in the system itself. The run is its receipt.`],
      tone: "good",
    },
    paused: {
      event: "offboarding.trouble",
      subject: say`${name} is held until somebody looks`,
      lead: [say`Nothing was taken. Whatever else is held stands under Leaving.`],
      tone: "danger",
    },
    trouble: {
      event: "offboarding.trouble",
      subject: say`${name} is not shut out everywhere`,
      lead: [say`A way in is still open past its time. Rollcall tries again for ever.`],
      tone: "danger",
    },
    late: {
      event: "offboarding.late",
      subject: say`${name} is not gone completely, and it is late`,
      lead: [say`What is left behind waits for a decision, or a path could not be taken. The run says which.`],
      tone: "warning",
    },
    came_back: {
      event: "offboarding.trouble",
      subject: say`${name} is back in a system after having left`,
      lead: [say`It was proven gone, and the system has it again.`],
      tone: "danger",
    },
    hired_again: {
      event: "offboarding.hired_again",
      subject: say`Was ${name} hired again?`,
      lead: [say`Nobody is let in by this: say on the run whether they are back, or that the source is wrong.`],
      tone: "warning",
    },
    consumer: {
      event: "offboarding.caller",
      subject: containedAt
        ? say`${name} was retired, and something of yours still calls with it`
        : say`${name} is to be retired, and something of yours calls with it`,
      lead: [say`Have it use something else. Whoever owns ${name} can bring it back while the hold lasts.`],
      tone: "warning",
    },
    moved: {
      event: "offboarding.moved",
      subject: say`${name} moved: what of their access stays?`,
      lead: [
        say`What they had before ends at ${timeWords(shutAt)}. Say of each what stays, why and until when; or let it end.`,
      ],
      tone: "warning",
    },
    move_off: {
      event: "offboarding.moved",
      subject: say`The move of ${name} was called off`,
      lead: [say`What has not ended yet does not end by it, and nothing of it waits for you any more.`],
      tone: "plain",
    },
    caller: {
      event: "offboarding.caller",
      subject: say`${name} was retired, and somebody still calls`,
      lead: [say`One click on the run brings it back while the hold lasts.`],
      tone: "warning",
    },
  };
}
