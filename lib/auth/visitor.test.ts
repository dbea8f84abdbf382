import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { resetEnv } from "../env";
import { clientAddress, networkOf, peerHeader } from "./visitor";

afterEach(() => trust(0));

test("with no trusted proxy, a made-up X-Forwarded-For changes nothing", () => {
  trust(0);
  expect(addressOf("203.0.113.9", "1.2.3.4")).toBe("203.0.113.9");
  expect(addressOf("203.0.113.9", "1.2.3.4, 5.6.7.8")).toBe("203.0.113.9");
  expect(addressOf("::ffff:203.0.113.9", "")).toBe("203.0.113.9");
});

test("with one trusted proxy, the address that the proxy saw counts, and what the caller wrote before it does not", () => {
  trust(1);
  expect(addressOf("10.0.0.1", "203.0.113.9")).toBe("203.0.113.9");
  expect(addressOf("10.0.0.1", "1.2.3.4, 203.0.113.9")).toBe("203.0.113.9");
  expect(addressOf("10.0.0.1", "1.2.3.4, 6.6.6.6, 203.0.113.9:5123")).toBe("203.0.113.9");
});

test("with two trusted proxies, the second address from the right counts", () => {
  trust(2);
  expect(addressOf("10.0.0.1", "1.2.3.4, 203.0.113.9, 10.0.0.2")).toBe("203.0.113.9");
});

test("what is no address is no address", () => {
  trust(1);
  expect(addressOf("10.0.0.1", "<script>, 203.0.113.9")).toBe("203.0.113.9");
  expect(addressOf("10.0.0.1", "unknown")).toBe("10.0.0.1");
  expect(clientAddress(new Headers())).toBeNull();
});

test.each([
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:0002::1", "2001:db8:1:2::/64"],
  ["::1", "0:0:0:0::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["192.0.2.7", "192.0.2.7"],
])("%s is counted as %s", (ip, network) => {
  expect(networkOf(ip)).toBe(network);
});

test("every address of one IPv6 /64 is counted as one, and those of two are counted as two", () => {
  const group = fc.integer({ min: 1, max: 0xffff });
  const part = fc.tuple(group, group, group, group);
  fc.assert(
    fc.property(part, part, part, (prefix, one, other) => {
      const ip = (a: number[], b: number[]) => [...a, ...b].map((value) => value.toString(16)).join(":");
      expect(networkOf(ip(prefix, one))).toBe(networkOf(ip(prefix, other)));
      const next = prefix.with(3, prefix[3] === 1 ? 2 : 1);
      expect(networkOf(ip(next, one))).not.toBe(networkOf(ip(prefix, one)));
    }),
  );
});

function addressOf(peer: string, forwarded: string): string | null {
  return clientAddress(new Headers({ [peerHeader]: peer, ...(forwarded ? { "x-forwarded-for": forwarded } : {}) }));
}

function trust(proxies: number): void {
  process.env.ROLLCALL_TRUSTED_PROXIES = String(proxies);
  resetEnv();
}
