import { afterEach, expect, test } from "vitest";
import { peerHeader } from "../auth/visitor";
import { resetEnv } from "../env";
import { mayReadMetrics } from "./may-read-metrics";

const token = "a-token-of-the-test-only";
afterEach(() => set(undefined));

test("with a token set, its bearer reads the metrics and nobody else, not even this machine", () => {
  set(token);
  expect(mayReadMetrics(new Headers({ authorization: `Bearer ${token}` }))).toBe(true);
  for (const authorization of [`Bearer ${token}x`, "Bearer ", token, `Basic ${token}`]) {
    expect(mayReadMetrics(new Headers({ authorization, [peerHeader]: "127.0.0.1" }))).toBe(false);
  }
});

test("without a token, only this machine itself reads them, and not whoever comes through a proxy on it", () => {
  expect(mayReadMetrics(new Headers({ [peerHeader]: "127.0.0.1" }))).toBe(true);
  expect(mayReadMetrics(new Headers({ [peerHeader]: "::1", "x-forwarded-for": "::ffff:127.0.0.1" }))).toBe(true);
  expect(mayReadMetrics(new Headers({ [peerHeader]: "192.0.2.7" }))).toBe(false);
  expect(mayReadMetrics(new Headers({ [peerHeader]: "192.0.2.7", "x-forwarded-for": "127.0.0.1" }))).toBe(false);
  expect(mayReadMetrics(new Headers({ [peerHeader]: "127.0.0.1", "x-forwarded-for": "192.0.2.7" }))).toBe(false);
  expect(mayReadMetrics(new Headers())).toBe(false);
});

function set(value: string | undefined): void {
  if (value === undefined) delete process.env.METRICS_TOKEN;
  else process.env.METRICS_TOKEN = value;
  resetEnv();
}
