import { plainIndex, type Route, systemCondition } from "./graph";
import type { Packed } from "./packed";

/** A piece of the sentence: words, the name of a thing in its system, or the identity's own name. */
export type Piece = { text: string } | { name: string } | { identity: string };

/**
 * The chosen path in a sentence: who signs in where as what, through which groups and how, and what that allows.
 * Last use and justification are said after it by the page, which knows the reader's time zone. Pure.
 */
export function sentenceOf(packed: Packed, route: Route): Piece[] {
  const entry = packed.entries[route.entry];
  const steps = entry?.paths[route.path] ?? [];
  const resource = packed.resources[entry?.resource ?? -1];
  if (!entry || !resource || steps.length === 0) return [];
  const [account, ...groups] = steps.map((step) => ({
    name: packed.principals[plainIndex(step)]?.name ?? "?",
    switched: step < 0,
  }));
  const pieces: Piece[] = [
    { identity: packed.identity.name },
    { text: ` signs in to ${resource.connection} as ` },
    { name: account?.name ?? "?" },
  ];
  groups.forEach((group, index) => {
    pieces.push({ text: index === 0 ? ", a member of " : ", itself a member of " }, { name: group.name });
    const next = groups[index + 1];
    if (group.switched) pieces.push({ text: ", which it must first become" });
    else if (!next) pieces.push({ text: " whose rights it inherits" });
  });
  pieces.push({ text: groups.length > 0 ? "; that one holds " : ", which holds " }, { name: entry.permission });
  if (entry.pattern) pieces.push({ text: " by a pattern" });
  pieces.push({ text: " on " }, { name: resource.name });
  const condition = systemCondition(entry);
  if (condition) pieces.push({ text: ", if " }, { name: condition });
  pieces.push({ text: "." });
  return pieces;
}

/** The sentence as plain text, for a screen reader and for copying. */
export function plainSentence(pieces: Piece[]): string {
  return pieces.map((piece) => Object.values(piece)[0]).join("");
}
