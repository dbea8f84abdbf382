import type { DateOrder } from "./file-mapping";
import { type IdentityKind, identityKinds } from "./schema";

/** What a cell means; `null` where it says nothing; `undefined` where it says something that is not understood. */
type Meaning<T> = T | null | undefined;

const nothing = new Set([
  "",
  "-",
  "--",
  "n/a",
  "na",
  "none",
  "null",
  "nil",
  "never",
  "unknown",
  "not_supported",
  "no_information",
  "not applicable",
  "nie",
  "jamais",
]);
const yes = new Set([
  "true",
  "yes",
  "y",
  "1",
  "on",
  "x",
  "t",
  "ja",
  "wahr",
  "oui",
  "vrai",
  "si",
  "sí",
  "✓",
  "enabled",
  "active",
]);
const no = new Set(["false", "no", "n", "0", "off", "f", "nein", "falsch", "non", "faux", "disabled", "inactive"]);

const statuses: Record<string, "active" | "disabled" | "locked" | "expired"> = {
  ...words(
    "active",
    "active enabled true yes y 1 on ok current live normal confirmed aktiv actif staged pending invited provisioned recovery password_expired password-expired member owner admin",
  ),
  ...words(
    "disabled",
    "disabled inactive suspended deactivated deprovisioned false no n 0 off blocked terminated left leaver departed archived deleted removed former revoked inaktiv deaktiviert gesperrt inactif désactivé closed",
  ),
  ...words("locked", "locked locked_out lockedout locked-out"),
  ...words("expired", "expired abgelaufen expiré"),
};

const kinds: Record<string, IdentityKind> = {
  ...words("human" as const, "human person user employee member people worker staff contractor guest"),
  ...words(
    "service_account" as const,
    "service_account service-account serviceaccount service svc system application daemon technical functional machine",
  ),
  ...words("api_client" as const, "api_client api-client client api integration oauth_client app partner"),
  ...words("ci_pipeline" as const, "ci_pipeline ci-pipeline pipeline ci workflow build runner"),
  ...words("workload" as const, "workload pod container deployment function lambda managed_identity"),
  ...words("bot" as const, "bot robot chatbot"),
  ...words("ai_agent" as const, "ai_agent ai-agent agent ai assistant copilot llm"),
};

const credentialWords: Record<string, string> = {
  ...words("password", "password passwd pwd"),
  ...words("access_key", "access_key access-key accesskey aws_access_key hmac"),
  ...words("personal_access_token", "personal_access_token pat token personal-access-token"),
  ...words("ssh_key", "ssh_key ssh-key ssh sshkey public_key deploy_key"),
  ...words("client_secret", "client_secret client-secret secret"),
  ...words("certificate", "certificate cert x509 x.509 mtls"),
  ...words("oidc_trust", "oidc_trust oidc oidc-trust federated workload_identity"),
  ...words("api_key", "api_key api-key apikey key"),
  ...words("other", "other"),
};

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** Does the cell say nothing: empty, a dash, "N/A", "never"? */
export function saysNothing(text: string): boolean {
  return nothing.has(text.trim().toLowerCase());
}

/** A word for yes or no, in the languages that exports are written in. */
export function truthOf(text: string): Meaning<boolean> {
  const word = text.trim().toLowerCase();
  if (yes.has(word)) return true;
  if (no.has(word)) return false;
  return nothing.has(word) ? null : undefined;
}

export function statusOf(text: string): Meaning<"active" | "disabled" | "locked" | "expired"> {
  return lookUp(statuses, text);
}

export function identityKindOf(text: string): Meaning<IdentityKind> {
  return lookUp(kinds, text);
}

export function credentialKindOf(text: string): Meaning<string> {
  return lookUp(credentialWords, text);
}

/** How much a permission is, from its own words: the strongest word decides; without one it is taken for reading. */
export function privilegeOf(text: string): 1 | 2 | 3 | 4 {
  const word = text.toLowerCase();
  if (/^[1-4]$/.test(word)) return Number(word) as 1 | 2 | 3 | 4;
  if (
    /superuser|super.?admin|root|\beverything\b|full.?access|global.?admin|administratoraccess|^\*$|^all$|domain admins|cluster-admin|sysadmin/.test(
      word,
    )
  )
    return 4;
  if (/admin|owner|manage|maintain|full control|grant|\bsa\b|dba|poweruser/.test(word)) return 3;
  if (
    /write|edit|modif|update|insert|delete|create|contribut|change|push|publish|deploy|put|develop|operator|use?r?-?write|member/.test(
      word,
    )
  )
    return 2;
  return 1;
}

/**
 * The time that a cell states. ISO 8601 (without a zone: UTC), the usual written forms, seconds or milliseconds since
 * 1970, and Windows file times. Two-digit years and days that no month has are not understood.
 */
export function timeOf(text: string, order: DateOrder): Meaning<Date> {
  const cell = text.trim();
  if (saysNothing(cell) || cell === "0") return null;
  if (/^-?\d+$/.test(cell)) return countedTime(cell);
  const iso =
    /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?)? ?(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?$/i.exec(
      cell,
    );
  if (iso) return build(iso, [1, 2, 3, 4, 5, 6], iso[7]);
  const clock = "(?:[ T,]+(\\d{1,2}):(\\d{2})(?::(\\d{2}))? ?([AaPp][Mm])?)?(?: ?(?:UTC|GMT|Z))?$";
  const numbers = new RegExp(`^(\\d{1,4})([./-])(\\d{1,2})\\2(\\d{1,4})${clock}`).exec(cell);
  if (numbers) return fromNumbers(numbers, order);
  const dayMonth = new RegExp(`^(?:[A-Za-z]{3,9},? )?(\\d{1,2})[ -]([A-Za-z]{3,9})\\.?[ -](\\d{4})${clock}`).exec(cell);
  if (dayMonth) return fromWords(dayMonth, 1, 2);
  const monthDay = new RegExp(`^(?:[A-Za-z]{3,9},? )?([A-Za-z]{3,9})\\.? (\\d{1,2}),? (\\d{4})${clock}`).exec(cell);
  return monthDay ? fromWords(monthDay, 2, 1) : undefined;
}

/** Which order dates with slashes are in, told by those where only one is possible; null where none decides. */
export function orderOf(samples: readonly string[]): DateOrder | null {
  for (const sample of samples) {
    const parts = /^(\d{1,2})[/-](\d{1,2})[/-]\d{4}/.exec(sample.trim());
    if (!parts) continue;
    if (Number(parts[1]) > 12) return "day_first";
    if (Number(parts[2]) > 12) return "month_first";
  }
  return null;
}

/** Is this a date whose day and month could be either way round? */
export function isAmbiguousDate(text: string): boolean {
  const parts = /^(\d{1,2})[/-](\d{1,2})[/-]\d{4}/.exec(text.trim());
  return parts !== null && Number(parts[1]) <= 12 && Number(parts[2]) <= 12 && parts[1] !== parts[2];
}

function countedTime(digits: string): Meaning<Date> {
  const count = Number(digits);
  if (digits.length === 18 && digits.startsWith("1")) return sensible(new Date(count / 10_000 - 11_644_473_600_000));
  // Windows writes "never" as the largest number there is.
  if (digits === "9223372036854775807") return null;
  if (digits.length === 13) return sensible(new Date(count));
  return digits.length === 9 || digits.length === 10 ? sensible(new Date(count * 1_000)) : undefined;
}

function fromNumbers(parts: RegExpExecArray, order: DateOrder): Meaning<Date> {
  const [, first = "", mark, , last = ""] = parts;
  if (first.length === 4) return build(parts, [1, 3, 4, 5, 6, 7], undefined, parts[8]);
  if (last.length !== 4) return undefined;
  const dayFirst = mark === "." || order === "day_first";
  return build(parts, dayFirst ? [4, 3, 1, 5, 6, 7] : [4, 1, 3, 5, 6, 7], undefined, parts[8]);
}

function fromWords(parts: RegExpExecArray, day: number, month: number): Meaning<Date> {
  const number = months.indexOf((parts[month] ?? "").slice(0, 3).toLowerCase()) + 1;
  if (number === 0) return undefined;
  const numbered = Object.assign([...parts], { [month]: String(number) });
  return build(numbered, [3, month, day, 4, 5, 6], undefined, parts[7]);
}

// From the places of year, month, day, hour, minute and second among the parts of a match.
function build(
  parts: readonly (string | undefined)[],
  places: readonly number[],
  zone?: string,
  half?: string,
): Meaning<Date> {
  const [year = 0, month = 0, day = 0, hours = 0, minute = 0, second = 0] = places.map((place) =>
    Number(parts[place] ?? 0),
  );
  const noon = half?.toLowerCase();
  const hour = noon ? (hours % 12) + (noon === "pm" ? 12 : 0) : hours;
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const at = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  if (at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day) return undefined;
  const shift = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone ?? "");
  const minutes = shift ? (shift[1] === "-" ? -1 : 1) * (Number(shift[2]) * 60 + Number(shift[3] ?? 0)) : 0;
  return sensible(new Date(at.getTime() - minutes * 60_000));
}

// PostgreSQL could hold more, but a year beyond these is a mistake of the file. Directories write "never" as 1601.
function sensible(at: Date): Meaning<Date> {
  const year = at.getUTCFullYear();
  if (Number.isNaN(year)) return undefined;
  if (year === 1601 || year >= 9999) return null;
  return year >= 1900 && year <= 2200 ? at : undefined;
}

function lookUp<T>(table: Record<string, T>, text: string): Meaning<T> {
  const word = text.trim().toLowerCase();
  if (word === "" || word === "-" || word === "n/a") return null;
  const key = Object.hasOwn(table, word) ? word : word.replaceAll(" ", "_");
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function words<T>(meaning: T, list: string): Record<string, T> {
  return Object.fromEntries(list.split(" ").map((word) => [word, meaning]));
}

/** The kinds of identity, for messages. */
export const identityKindWords = identityKinds.join(", ");
