import { describe, expect, it } from "vitest";
import { isLinkLocalAddress, isPrivateAddress } from "./private-address";

describe("isPrivateAddress", () => {
  it.each([
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "::",
    "::1",
    "0:0:0:0:0:0:0:1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::FFFF:10.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fd00::1",
    "64:ff9b::7f00:1",
    "::7f00:1",
    "::127.0.0.1",
    "2002:7f00:1::1",
    "not an address",
    "",
  ])("takes %s for private", (address) => expect(isPrivateAddress(address)).toBe(true));

  it.each(["8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:4860:4860::8888", "::ffff:8.8.8.8"])(
    "takes %s for public",
    (address) => expect(isPrivateAddress(address)).toBe(false),
  );
});

describe("isLinkLocalAddress", () => {
  it.each([
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "::a9fe:a9fe",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "FD00:EC2:0:0:0:0:0:254",
    "fd20:ce::254",
    "100.100.100.200",
    "::ffff:100.100.100.200",
    "168.63.129.16",
  ])("takes %s for a place where a cloud keeps credentials", (address) =>
    expect(isLinkLocalAddress(address)).toBe(true),
  );

  it.each(["10.1.2.3", "127.0.0.1", "::1", "fd00::1", "8.8.8.8", "64:ff9b::808:808"])(
    "does not take %s for one",
    (address) => expect(isLinkLocalAddress(address)).toBe(false),
  );
});
