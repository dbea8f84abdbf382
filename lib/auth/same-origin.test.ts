import { afterEach, expect, test } from "vitest";
import { resetEnv } from "../env";
import { assertSameOrigin } from "./same-origin";

afterEach(() => {
  delete process.env.NEXTAUTH_URL;
  resetEnv();
});

const host = { host: "rollcall.example" };
const ownOrigin = { ...host, origin: "https://rollcall.example" };

test.each([
  ["our own page", { ...ownOrigin, "sec-fetch-site": "same-origin" }],
  ["our own page, in a browser that sends no Sec-Fetch-Site", ownOrigin],
  ["our own page, where only Sec-Fetch-Site tells", { ...host, "sec-fetch-site": "same-origin" }],
])("an unsafe call from %s is let through", (_, headers) => {
  expect(() => assertSameOrigin("POST", new Headers(headers))).not.toThrow();
});

test.each([
  ["another site", { ...host, origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
  ["another site that tells no Sec-Fetch-Site", { ...host, origin: "https://evil.example" }],
  ["a sister site", { ...ownOrigin, "sec-fetch-site": "same-site" }],
  ["the address bar", { ...host, "sec-fetch-site": "none" }],
  ["a sandboxed frame, as Origin: null", { ...host, origin: "null" }],
  ["nowhere that it tells", host],
  ["our name with something behind it", { ...host, origin: "https://rollcall.example.evil.example" }],
  ["our name as a user name", { ...host, origin: "https://rollcall.example@evil.example" }],
  ["another port", { ...host, origin: "https://rollcall.example:8443" }],
  [
    "another site that forges X-Forwarded-Host",
    { ...host, origin: "https://evil.example", "x-forwarded-host": "evil.example" },
  ],
  ["our own page by Origin while Sec-Fetch-Site says otherwise", { ...ownOrigin, "sec-fetch-site": "cross-site" }],
])("an unsafe call from %s is refused", (_, headers) => {
  expect(() => assertSameOrigin("POST", new Headers(headers))).toThrow("did not come from a page of this Rollcall");
});

test.each(["PUT", "PATCH", "DELETE", "post", "PROPFIND"])("%s is unsafe, %#", (method) => {
  expect(() => assertSameOrigin(method, new Headers({ ...host, origin: "https://evil.example" }))).toThrow();
});

test.each(["GET", "HEAD", "OPTIONS"])("%s changes nothing, so it may come from anywhere", (method) => {
  expect(() => assertSameOrigin(method, new Headers({ ...host, origin: "https://evil.example" }))).not.toThrow();
});

test("with a public address set, only that origin counts, whatever the Host header says", () => {
  process.env.NEXTAUTH_URL = "https://rollcall.example";
  resetEnv();
  const behindProxy = { host: "10.0.0.5:3000" };
  const check =
    (origin: string, headers: Record<string, string> = behindProxy) =>
    () =>
      assertSameOrigin("POST", new Headers({ ...headers, origin }));
  expect(check("https://rollcall.example")).not.toThrow();
  expect(check("http://rollcall.example")).toThrow();
  expect(check("http://10.0.0.5:3000")).toThrow();
  expect(check("https://evil.example", { host: "evil.example" })).toThrow();
});
