import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { env } from "../env";
import { isLinkLocalAddress, isPrivateAddress } from "./private-address";

/** An address that our own rule does not let us connect to. */
export class AddressRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = "AddressRefused";
  }
}

/**
 * Refuses an address that is not on the internet, unless its host was allowed. Link-local ones, at which clouds keep the
 * credentials of the machine, are refused in any case.
 * @throws AddressRefused
 */
export function assertMayConnect(host: string, address: string, isAllowed: boolean): void {
  if (isLinkLocalAddress(address)) throw new AddressRefused(`${host} is at the link-local address ${address}`);
  if (!isPrivateAddress(address)) return;
  if (isAllowed && env().ROLLCALL_ALLOW_PRIVATE_TARGETS) return;
  throw new AddressRefused(`${host} is at the private address ${address}`);
}

/**
 * A look-up for a socket that gives only addresses one may connect to: all that the name stands for must be allowed, or
 * none is given. Since the socket connects to what is given here, the name is not asked a second time.
 */
export function guardedLookup(isAllowed: boolean): LookupFunction {
  return (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error) return done(error, "", 0);
      try {
        for (const { address } of found) assertMayConnect(host, address, isAllowed);
      } catch (refused) {
        return done(refused as NodeJS.ErrnoException, "", 0);
      }
      const [first] = found;
      if (options.all) return done(null, found);
      return first ? done(null, first.address, first.family) : done(new Error("no address"), "", 0);
    });
  };
}
