import type { z } from "zod";
import type { EventItem, listEventsInput, Outcome } from "./schema";

/** What an outcome is called in the record; an act that went well is done. */
export const outcomeLabels = { allowed: "done", denied: "denied", failed: "failed" } as const satisfies Record<
  Outcome,
  string
>;

/** What a target's type is called where it has no name. */
export function targetWords(type: string): string {
  return type.replaceAll("_", " ");
}

type Changes = Record<string, { added?: number; changed?: number; removed?: number }>;
type Brake = { kinds?: { kind: string; removed: number; of: number }[] };

/**
 * The details of an event in a few words: what a sync changed, what the brake stopped, why something failed; else the
 * first two plain facts. Pure.
 */
export function detailsInBrief(details: Record<string, unknown> | null): string {
  if (!details) return "";
  if (isObject(details.brake)) return brakeWords(details.brake);
  if (isObject(details.result)) return changeWords(details.result as Changes);
  if (typeof details.message === "string") return details.message;
  if (typeof details.summary === "string") return details.summary;
  return Object.entries(details)
    .filter(([, value]) => isPlain(value))
    .slice(0, 2)
    .map(([key, value]) => `${wordsOf(key)} ${String(value)}`)
    .join(", ");
}

function changeWords(result: Changes): string {
  const total = { added: 0, changed: 0, removed: 0 };
  for (const kind of Object.values(result)) {
    total.added += kind.added ?? 0;
    total.changed += kind.changed ?? 0;
    total.removed += kind.removed ?? 0;
  }
  const parts = [
    total.added ? `${total.added} added` : "",
    total.changed ? `${total.changed} changed` : "",
    total.removed ? `${total.removed} gone` : "",
  ].filter(Boolean);
  return parts.join(", ") || "nothing changed";
}

function brakeWords({ kinds = [] }: Brake): string {
  const worst = [...kinds].sort((a, b) => b.removed / b.of - a.removed / a.of)[0];
  return worst ? `brake: would drop ${worst.removed} of ${worst.of} ${worst.kind}s` : "brake";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-/i;

function isPlain(value: unknown): boolean {
  if (typeof value === "string") return value !== "" && value.length <= 120 && !uuid.test(value);
  return typeof value === "number" || value === true;
}

/** `failuresInRow` as "failures in row". */
export function wordsOf(key: string): string {
  return key.replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`).replaceAll("_", " ");
}

/** Does an event belong in a list with these filters? For events that arrive while the list is open. Pure. */
export function matchesFilters(event: EventItem, filters: Partial<z.output<typeof listEventsInput>>): boolean {
  const { who, action, outcome, target, from, to, q } = filters;
  if (who?.length && !(event.actor.id !== null && who.includes(event.actor.id))) return false;
  if (action?.length && !action.includes(event.action)) return false;
  if (outcome?.length && !outcome.includes(event.outcome)) return false;
  if (target && target !== `${event.target?.type}:${event.target?.id}`) return false;
  if ((from && event.at < from) || (to && event.at >= to)) return false;
  if (!q) return true;
  if (/^[\d,. ]+$/.test(q)) return String(event.number) === q.replace(/\D/g, "");
  const text = [event.actor.name, event.action, event.target?.name, event.target?.id].join(" ").toLowerCase();
  return text.includes(q.toLowerCase());
}
