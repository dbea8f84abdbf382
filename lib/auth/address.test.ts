import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { resetEnv } from "../env";
import { safeReturnPath, sessionCookieName } from "./address";

afterEach(() => {
  delete process.env.NEXTAUTH_URL;
  resetEnv();
});

test.each(["/identities", "/identities?kind=human&sort=-reaches", "/people/1#x"])("%s is a way back", (path) => {
  expect(safeReturnPath(path)).toBe(path.replace(/#.*/, ""));
});

test.each([
  "https://evil.example",
  "//evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "javascript:alert(1)",
  "/../..//evil.example",
  "/a/..//evil.example",
  "/./\\evil.example",
  "/sign-in?next=/sign-in",
  "/sign-in/link",
  "/api/auth/csrf",
  "identities",
  "",
  null,
])("%j is none, and leads home", (path) => {
  expect(safeReturnPath(path)).toBe("/");
});

test("whatever is asked for, the way back stays on this site", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.webUrl(),
        fc.webPath(),
        fc.string().map((text) => `/${text}`),
      ),
      (text) => {
        const there = new URL(safeReturnPath(text), "https://rollcall.example");
        expect(there.origin).toBe("https://rollcall.example");
      },
    ),
    { numRuns: 2_000 },
  );
});

test("the cookie is bound to the host where there is https", () => {
  expect(sessionCookieName()).toBe("rollcall");
  process.env.NEXTAUTH_URL = "https://rollcall.example";
  resetEnv();
  expect(sessionCookieName()).toBe("__Host-rollcall");
});
