import type { Context, ReadEvent } from "../contract";
import { ldap } from "./connector";
import { type Secrets, type Settings, secrets, settings } from "./schema";

// For tests: how the connector is called.

export const testNow = new Date("2026-11-21T12:00:00Z");

/** A context with these settings, for one of the verbs. */
export function ldapContext(
  given: { host: string } & Partial<Settings>,
  password: string,
  more: Partial<Context<Settings, Secrets>> = {},
): Context<Settings, Secrets> {
  const signal = new AbortController().signal;
  return {
    settings: settings.parse(given),
    secrets: secrets.parse({ password, provisionPassword: password }),
    signal,
    now: testNow,
    ...more,
  };
}

/** A read with these settings. */
export function ldapRead(given: { host: string } & Partial<Settings>, password: string) {
  return (signal: AbortSignal): AsyncIterable<ReadEvent> =>
    ldap.read?.(ldapContext(given, password, { signal })) ?? (async function* () {})();
}
