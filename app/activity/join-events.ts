import type { EventItem } from "@/lib/audit/schema";

/**
 * One list of what was there, what got its number since, and what still waits: each event once, newest first. An event
 * that has a number wins over itself without one. Pure.
 */
export function joinEvents(initial: EventItem[], numbered: EventItem[], waiting: EventItem[]): EventItem[] {
  const byId = new Map<string, EventItem>();
  for (const event of [...waiting, ...initial, ...numbered]) {
    const known = byId.get(event.id);
    if (known?.number == null) byId.set(event.id, event);
  }
  return [...byId.values()].sort((a, b) => b.at.getTime() - a.at.getTime() || compareIds(b.id, a.id));
}

function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
