import { lookup } from "node:dns/promises";
import { messageOf } from "../errors";
import { assertMayConnect } from "../network/guarded-lookup";
import { isLinkLocalAddress } from "../network/private-address";
import { ConnectorError } from "./connector-error";
import { addressOf } from "./network-failures";

type Target = { host: string; port: number };

/**
 * The addresses of a configured host, in the order to try them. Connect to one of these, never to the name again: a name
 * may resolve to something else the second time.
 * @throws ConnectorError `invalid` for a private address where those are not allowed, and for one at which a cloud keeps
 *   credentials in any case; the resolver's own error otherwise
 */
export async function hostAddresses(target: Target): Promise<string[]> {
  const found = await lookup(target.host.replace(/^\[(.*)\]$/, "$1"), { all: true });
  const addresses = found.map(({ address }) => address);
  for (const address of addresses) assertAllowed(target, address);
  return addresses;
}

// A system on a private address is what most people have, so those are open unless the installation says otherwise.
function assertAllowed(target: Target, address: string): void {
  try {
    assertMayConnect(target.host, address, true);
  } catch (cause) {
    const remedy = isLinkLocalAddress(address)
      ? "No system is there: clouds give out the machine's own credentials at such an address. Check the host."
      : "This installation connects to public addresses only; set ROLLCALL_ALLOW_PRIVATE_TARGETS=true to change that.";
    throw new ConnectorError("invalid", messageOf(cause), { remedy, object: addressOf(target), cause });
  }
}
