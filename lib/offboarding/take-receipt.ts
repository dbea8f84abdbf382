import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { frameOf, provenLines, readNumbered, signedNow } from "../audit/picked-proofs";
import { record } from "../audit/record";
import { sequenceEvents } from "../audit/sequence-events";
import type { Actor } from "../auth/actor";
import { may } from "../auth/authorize";
import { rows, transaction } from "../db/client";
import { AppError } from "../errors";
import { now } from "../time";
import { assertMayDecide } from "./cancel-offboarding";
import { getOffboarding, type OffboardingDetail } from "./queries";
import { type Receipt, type ReceiptFacts, type ReceiptLine, receiptShape } from "./receipt-schema";
import { targetOf } from "./run-target";
import { runIdOf } from "./schema";

// Beside those that its lines name.
const mostOthers = 1_000;

/**
 * The receipt of a run as somebody can hand it on: every path with its times, what lives on, and what proves it without
 * this installation. That it was taken is an event, which carries the receipt's digest; so the record says what the
 * receipt says.
 * @throws AppError `forbidden`, `not_found`
 */
export async function takeReceipt(actor: Actor, input: { id: string }): Promise<Receipt> {
  const id = runIdOf(input);
  await assertMayDecide(actor, "offboarding:read", id);
  // What happened a moment ago has its number too.
  await sequenceEvents();
  const run = await getOffboarding(actor, { id });
  const receipt = factsOf(run, actor);
  const digest = createHash("sha256")
    .update(canonicalize(receipt) ?? "null")
    .digest("hex");
  await transaction((tx) =>
    record(tx, actor, {
      action: "offboarding.receipt_taken",
      target: targetOf({ id, number: BigInt(run.number), name: run.identity.name }),
      details: { digest, lines: receipt.lines.length },
    }),
  );
  const under = await signedNow();
  if (!under) throw new AppError("conflict", "The record is not signed yet.", { remedy: "Try again in a minute." });
  const named = receipt.lines.flatMap(({ event }) => (event === null ? [] : [event]));
  const ids = await rows<{ id: string }>(
    `select event_id as id from audit_sequence where position = any($2::bigint[])
     union select id from (select id from audit_events where target_type = 'offboarding' and target_id = $1
       order by at desc, id desc limit ${mostOthers}) others`,
    [id, named],
  );
  const events = await readNumbered(
    ids.map((row) => row.id),
    under.size,
  );
  const lines = await provenLines(events, under.size);
  const shown = may(actor, "activity:read") ? (entry: Entry) => entry : withoutWho;
  return receiptShape.parse({
    receipt,
    digest,
    events: lines.map((line) => shown(JSON.parse(line))),
    end: { count: events.length, ...(await frameOf(under)) },
  });
}

type Entry = { salts: Record<string, string | null>; values: Record<string, unknown> };

// From where and by which session somebody did it is for those who read the record; the digest in the leaf stays.
function withoutWho({ salts, values, ...entry }: Entry) {
  return { ...entry, salts: { ...salts, who: null }, values: { ...values, who: null }, withheld: ["who"] };
}

const iso = (at: Date | null) => at?.toISOString() ?? null;

function factsOf(run: OffboardingDetail, actor: Actor): ReceiptFacts {
  const { id, number, kind, identity, state, reason, orderedBy, because } = run;
  return {
    form: "rollcall receipt 1",
    ...{ id, number, kind, identity, status: state, reason, orderedBy, because },
    createdAt: run.createdAt.toISOString(),
    contain: { orderedAt: run.shutAt.toISOString(), dueAt: iso(run.containBy), verifiedAt: iso(run.containedAt) },
    complete: { orderedAt: run.shutAt.toISOString(), dueAt: iso(run.completeBy), verifiedAt: iso(run.completedAt) },
    closedAt: iso(run.closedAt),
    cancelledAt: iso(run.cancelledAt),
    takenAt: now().toISOString(),
    takenBy: actor.name,
    lines: run.stepList.map(lineOf),
    leftBehind: run.items.map((item) => ({
      ...{ kind: item.kind, name: item.name, disposition: item.disposition, words: item.words },
      ...{ to: item.to?.name ?? null, until: iso(item.keepUntil), decidedBy: item.decidedBy },
      decidedAt: iso(item.decidedAt),
      status: item.open ? "open" : "settled",
    })),
  };
}

function lineOf(step: OffboardingDetail["stepList"][number], index: number): ReceiptLine {
  const { id, kind, name, state, signIn, outlives, words, wordsBy, detail } = step;
  return {
    line: index + 1,
    ...{ id, kind, name, status: state, signIn, outlives, words, wordsBy, detail },
    system: step.connection?.name ?? null,
    orderedAt: iso(step.orderedAt),
    acknowledgedAt: iso(step.acknowledgedAt),
    verifiedAt: iso(step.verifiedAt),
    probedAt: iso(step.probedAt),
    endsAt: iso(step.notBefore),
    keptUntil: iso(step.keptUntil),
    event: step.event?.number ?? null,
  };
}
