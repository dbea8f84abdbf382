import type { Role, Scope } from "./permissions";

/** What a role may, in a sentence. */
export const roleWords = {
  administrator: "Connections, people's roles, settings. Sees everything.",
  security: "Matching, owners, syncs, ending sessions. Sees everything.",
  auditor: "Sees everything, changes nothing, exports.",
  member: "Their own accounts and access, and what they own.",
} as const satisfies Record<Role, string>;

/** What a scope of an API token carries. */
export const scopeWords = {
  "inventory:read": "Read identities, accounts, credentials, resources, access, connections, use.",
  "inventory:write": "Edit identities, match accounts, set owners.",
  "connections:write": "Connect, change, read and remove systems.",
  "usage:write": "Say what was used.",
  "audit:read": "Read and export the record.",
  "audit:write": "Say where the record goes.",
  "audit:erase": "Erase for ever what the record holds of somebody.",
  "access:request": "Ask for access; its own requests and grants.",
  "access:decide": "Decide on requests.",
  "access:revoke": "End access, try again, do tasks by hand.",
  "offboarding:read": "See who and what leaves.",
  "offboarding:write": "Start a leaving, decide on what is left behind.",
  "policies:read": "Read and try policies.",
  "people:read": "See people, tokens and sessions.",
  "messages:read": "See channels and deliveries.",
  "messages:write": "Make channels, send again.",
} as const satisfies Record<Scope, string>;

/** How a session came about, in words. */
export function wayWords(authenticatedBy: string): string {
  const words: Record<string, string> = {
    oidc: "Single sign-on",
    passkey: "Passkey",
    link: "One-time link",
    token: "API token",
  };
  return words[authenticatedBy] ?? authenticatedBy;
}

/** The browser and system that a User-Agent names: "Firefox on Windows". What it does not name is said to be unknown. */
export function deviceWords(userAgent: string | null): string {
  if (!userAgent) return "Unknown device";
  const browser = firstMatch(userAgent, [
    [/Edg(e|A|iOS)?\//, "Edge"],
    [/OPR\/|Opera/, "Opera"],
    [/Firefox\/|FxiOS\//, "Firefox"],
    [/HeadlessChrome\//, "Headless Chrome"],
    [/Chrome\/|CriOS\//, "Chrome"],
    [/Version\/.*Safari\//, "Safari"],
    [/curl\//, "curl"],
  ]);
  const system = firstMatch(userAgent, [
    [/iPhone/, "iPhone"],
    [/iPad/, "iPad"],
    [/Android/, "Android"],
    [/Windows/, "Windows"],
    [/Mac OS X|Macintosh/, "Mac"],
    [/CrOS/, "ChromeOS"],
    [/Linux/, "Linux"],
  ]);
  if (browser && system) return `${browser} on ${system}`;
  return browser ?? (system ? `Unknown browser on ${system}` : "Unknown device");
}

function firstMatch(text: string, table: readonly (readonly [RegExp, string])[]): string | null {
  return table.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

/** Why a sign-in did not work, and what to do, from the `error` in the sign-in page's address. */
export function signInErrorWords(code: string): { title: string; remedy: string } {
  const words: Record<string, { title: string; remedy: string }> = {
    disabled: {
      title: "Your access to Rollcall is disabled.",
      remedy: "Ask an administrator to enable you again.",
    },
    forbidden: {
      title: "You are in none of the groups that may use Rollcall.",
      remedy: "Ask whoever runs Rollcall which group of the directory gives access.",
    },
    conflict: {
      title: "Your e-mail address already belongs to another account of the single sign-on.",
      remedy: "Ask an administrator to look at People and roles; the old person must be disabled first.",
    },
    limited: {
      title: "Too many attempts to sign in from your network.",
      remedy: "Wait a quarter of an hour, then try again.",
    },
    OAuthSignin: {
      title: "The single sign-on could not be reached.",
      remedy: "Try again in a minute. If it stays so, whoever runs Rollcall finds the reason in its log.",
    },
    OAuthCallback: {
      title: "The single sign-on did not confirm who you are.",
      remedy: "Start again from this page; an attempt is good for 15 minutes and for one browser.",
    },
  };
  return (
    words[code] ?? {
      title: "The sign-in did not work.",
      remedy: "Try again. If it stays so, whoever runs Rollcall finds the reason in its log and in Activity.",
    }
  );
}
