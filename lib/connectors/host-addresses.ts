import { lookup } from "node:dns/promises";
import { env } from "../env";
import { isPrivateAddress } from "../network/private-address";
import { ConnectorError } from "./connector-error";
import { addressOf } from "./network-failures";

/**
 * The addresses of a configured host, in the order to try them. Connect to one of these, never to the name again: a name
 * may resolve to something else the second time.
 * @throws ConnectorError `invalid` for a private address where those are not allowed; the resolver's own error otherwise
 */
export async function hostAddresses(target: { host: string; port: number }): Promise<string[]> {
  const found = await lookup(target.host.replace(/^\[(.*)\]$/, "$1"), { all: true });
  const addresses = found.map(({ address }) => address);
  const refused = env().ROLLCALL_ALLOW_PRIVATE_TARGETS ? undefined : addresses.find(isPrivateAddress);
  if (refused === undefined) return addresses;
  throw new ConnectorError("invalid", `${target.host} is at the private address ${refused}`, {
    remedy:
      "This installation connects to public addresses only; set ROLLCALL_ALLOW_PRIVATE_TARGETS=true to change that.",
    object: addressOf(target),
  });
}
