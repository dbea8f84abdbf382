import { expect, test } from "vitest";
import { contentSecurityPolicy, securityHeaders } from "./security-headers";

const site = { secure: true, development: false };

test("over https every answer asks for https from then on, for two years and all subdomains", () => {
  expect(securityHeaders(site)["strict-transport-security"]).toBe("max-age=63072000; includeSubDomains");
  expect(securityHeaders({ ...site, secure: false })["strict-transport-security"]).toBeUndefined();
});

test("no script runs without the nonce, and nothing is evaluated", () => {
  const policy = contentSecurityPolicy("abc", site);
  expect(policy).toContain("script-src 'self' 'nonce-abc' 'strict-dynamic';");
  expect(policy).not.toContain("unsafe-eval");
  expect(policy.match(/[^;]*'unsafe-inline'/g)).toEqual([" style-src-attr 'unsafe-inline'"]);
});

test("only the development server may evaluate, and only it is reached by websocket", () => {
  const policy = contentSecurityPolicy("abc", { ...site, development: true });
  expect(policy).toContain("'unsafe-eval'");
  expect(policy).toContain("connect-src 'self' ws:");
  expect(contentSecurityPolicy("abc", site)).not.toContain("ws:");
});
