import { type Observation, type ObservationKind, observation } from "../schema";
import type { JsonRow } from "./parse-row";

/** The arrays of Rollcall's own format, and what their objects are. */
export const nativeArrays = {
  accounts: "account",
  groups: "group",
  memberships: "membership",
  resources: "resource",
  assignments: "assignment",
  credentials: "credential",
} as const satisfies Record<string, Observation["kind"]>;
export type NativeArray = keyof typeof nativeArrays;

const required: Record<NativeArray, string> = {
  accounts: "externalId",
  groups: "externalId",
  memberships: "member",
  resources: "externalId",
  assignments: "holder",
  credentials: "account",
};
const times = ["validUntil", "sourceCreatedAt", "expiresAt", "lastUsedAt"];

export function isNativeArray(path: string): path is NativeArray {
  return Object.hasOwn(nativeArrays, path);
}

/** Is this an object as Rollcall's own format has it? */
export function looksNative(path: string, row: JsonRow): boolean {
  return isNativeArray(path) && Object.hasOwn(row, required[path]);
}

/** The observation that an object states, or what is wrong with it. */
export function nativeObservation(path: NativeArray, row: JsonRow): { item: Observation } | { problem: string } {
  const given: Record<string, unknown> = { ...row, kind: nativeArrays[path] };
  for (const field of times) {
    const value = given[field];
    if (typeof value !== "string") continue;
    const at = new Date(value);
    if (!/^\d{4}-\d{2}-\d{2}/.test(value) || Number.isNaN(at.getTime()))
      return { problem: `${field} is not a time (RFC 3339)` };
    given[field] = at;
  }
  if (given.name === undefined && typeof given.externalId === "string") given.name = given.externalId;
  const parsed = observation.safeParse(given);
  if (parsed.success) return { item: parsed.data };
  const issue = parsed.error.issues[0];
  return { problem: `${issue?.path.join(".") ?? ""} ${issue?.message ?? "is not valid"}`.trim() };
}

/** The kinds that the arrays of a file tell about. Accounts and groups are one kind, and are complete together. */
export function nativeKinds(paths: ReadonlySet<string>): ObservationKind[] {
  const kinds = [...paths].flatMap((path): ObservationKind[] => {
    if (!isNativeArray(path)) return [];
    const kind = nativeArrays[path];
    return [kind === "account" || kind === "group" ? "principal" : kind];
  });
  return [...new Set(kinds)];
}

/** The name of an observation, for a message. */
export function keyOf(item: Observation): string | null {
  if (item.kind === "membership" || item.kind === "assignment") return null;
  if (item.kind === "resource") return JSON.stringify(["r", item.type, item.externalId]);
  if (item.kind === "credential") return JSON.stringify(["c", item.account, item.credentialKind, item.externalId]);
  return JSON.stringify(["p", item.externalId]);
}
