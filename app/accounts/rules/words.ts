import type { MatchField, MatchTarget } from "@/lib/connections/match-schema";

/** The account's facts that a rule can look at, as they are called on the page. */
export const fieldWords: Record<MatchField, string> = {
  name: "name",
  external_id: "id there",
  email: "e-mail address",
  display_name: "display name",
};

/** The identity's facts that a rule can be held against. */
export const targetWords: Record<MatchTarget, string> = {
  email: "e-mail address",
  employee_number: "employee number",
  name: "name",
};

/** How sure, as people say it. */
export function sureWords(confidence: number): string {
  return `${Math.round(confidence * 100)} % sure`;
}
