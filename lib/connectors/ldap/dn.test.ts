import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { escapeValue, isWithin, normalDn, parseDn, rdnValue } from "./dn";
import { guidOf, isBuiltInSid, privilegeOfSid, sidOf } from "./sid";
import { fromFiletime, fromGeneralizedTime, fromShadowDays } from "./times";

describe("distinguished names (RFC 4514)", () => {
  it.each([
    ["CN=Steve Kille,O=Isode Limited,C=GB", "cn=steve kille, o=Isode  Limited , c=gb"],
    ["CN=Before\\0dAfter,O=Test", "cn=before\rafter,o=test"],
    ["CN=Lu\\C4\\8Di\\C4\\87", "cn=Lučić"],
    ["OU=Sales+CN=J.  Smith,O=Widget Inc.", "cn=j. smith+ou=sales,o=widget inc."],
    ['CN="Doe, John",O=Test', "cn=Doe\\, John,o=test"],
    ["CN=a;O=b", "cn=a,o=b"],
    ["CN=\\#x,O=b", "cn=\\23x,o=b"],
  ])("takes %s and %s for the same", (one, other) => {
    expect(normalDn(one)).toBe(normalDn(other));
  });

  it.each([
    ["CN=a\\,b,O=c", "CN=a,B=b,O=c"],
    ["cn=admin", "cn=аdmin"],
    ["cn=a", "cn=a\u202e"],
  ])("keeps %s and %s apart", (one, other) => expect(normalDn(one)).not.toBe(normalDn(other)));

  it.each(["hello", "=x", "cn", "cn=x\\"])("refuses %s", (text) => expect(parseDn(text)).toBeNull());

  test("any value comes back from a name that it was written into", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), (one, other) => {
        const value = one.toWellFormed();
        const parsed = parseDn(`cn=${escapeValue(value)},ou=${escapeValue(other.toWellFormed())},dc=x`);
        expect(parsed).toHaveLength(3);
        // Spaces at the ends are escaped one each side; more of them, and tabs, are not what directories keep.
        expect(parsed?.[0]?.[0]?.value.trim()).toBe(value.trim());
      }),
    );
  });

  test("a normal name stays as it is, and lies within its base", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (value) => {
        const normal = normalDn(`cn=${escapeValue(value)},dc=x`);
        expect(normalDn(normal)).toBe(normal);
        expect(isWithin(normal, "dc=x")).toBe(true);
        expect(isWithin(normal, "dc=y")).toBe(false);
      }),
    );
  });

  it("names the nearest part", () => expect(rdnValue("cn=Amy Wong+sn=Kroker,ou=people")).toBe("Amy Wong"));
});

describe("numbers and times of Windows", () => {
  it("writes a SID and a GUID as Windows does", () => {
    expect(sidOf(Buffer.from("AQIAAAAAAAUgAAAAIAIAAA==", "base64"))).toBe("S-1-5-32-544");
    expect(guidOf(Buffer.from("00112233445566778899aabbccddeeff", "hex"))).toBe("33221100-5544-7766-8899-aabbccddeeff");
    expect(sidOf(Buffer.from("0102", "hex"))).toBeNull();
    expect(guidOf(Buffer.alloc(3))).toBeNull();
  });

  it("knows privileged groups by number, and only where the number is Windows' own", () => {
    expect(privilegeOfSid("S-1-5-32-544")).toBe(4);
    expect(privilegeOfSid("S-1-5-21-1-2-3-512")).toBe(4);
    expect(privilegeOfSid("S-1-5-21-1-2-3-550")).toBeNull();
    expect(privilegeOfSid("S-1-5-21-1-2-3-1512")).toBeNull();
    const [builtIn, made] = [
      ["S-1-5-32-545", "S-1-5-21-1-2-3-513"],
      ["S-1-5-21-1-2-3-1104", "S-1-1-0"],
    ];
    expect([...builtIn, ...made].map(isBuiltInSid)).toEqual([true, true, false, false]);
  });

  it.each([
    ["134397401307720680", "2026-11-21T13:08:50.772Z"],
    ["0", null],
    ["9223372036854775807", null],
    ["-1", null],
    ["soon", null],
  ])("reads the file time %s", (text, at) => expect(fromFiletime(text)?.toISOString() ?? null).toBe(at));

  it.each([
    ["20261121003823.0Z", "2026-11-21T00:38:23.000Z"],
    ["202611210038+0130", "2026-11-20T23:08:00.000Z"],
    ["000001010000Z", null],
    ["20261341000000Z", null],
    ["yesterday", null],
  ])("reads the generalized time %s", (text, at) => {
    expect(fromGeneralizedTime(text)?.toISOString() ?? null).toBe(at);
  });

  it("takes no days since 1970 for never", () => {
    expect(fromShadowDays(1)?.toISOString()).toBe("1970-01-02T00:00:00.000Z");
    expect(fromShadowDays(-1)).toBeNull();
    expect(fromShadowDays(null)).toBeNull();
  });
});
