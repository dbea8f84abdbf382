import { type ConnectionOptions, checkServerIdentity } from "node:tls";
import { Client, ResultCodeError } from "ldapts";
import { ConnectorError } from "../connector-error";
import { hostAddresses } from "../host-addresses";
import { addressOf } from "../network-failures";
import { type Target, toConnectorError, tookTooLong } from "./failures";
import type { Settings } from "./schema";
import { openConnection, socketOf } from "./wire";

/**
 * A client that is connected, and encrypted as the settings say, to the first address of the host that answers.
 * @throws ConnectorError
 */
export async function connect(settings: Settings, target: Target, deadline: AbortSignal): Promise<Client> {
  const addresses = await before(deadline, target, hostAddresses(target));
  let last: unknown = null;
  for (const address of addresses) {
    const tlsOptions = encryption(settings);
    const isLdaps = settings.security === "ldaps";
    const host = address.includes(":") ? `[${address}]` : address;
    const client = new Client({
      url: `${isLdaps ? "ldaps" : "ldap"}://${host}:${target.port}`,
      ...(isLdaps ? { tlsOptions } : {}),
    });
    const opened = reach(client, settings.security === "starttls" ? tlsOptions : null, target);
    try {
      await before(deadline, target, opened);
      return client;
    } catch (error) {
      socketOf(client)?.destroy();
      // A certificate that does not verify is no reason to try elsewhere, and neither is giving up.
      if (error instanceof ConnectorError && error.code !== "unreachable") throw error;
      last = error;
    }
  }
  throw toConnectorError(last, target);
}

async function reach(client: Client, startTls: ConnectionOptions | null, target: Target): Promise<void> {
  await openConnection(client);
  if (startTls === null) return;
  try {
    await client.startTLS(startTls);
  } catch (error) {
    throw error instanceof ResultCodeError ? withoutTls(target, error) : error;
  }
}

function encryption({ ca, host }: Settings): ConnectionOptions {
  const name = host.replace(/^\[(.*)\]$/, "$1");
  return {
    ...(ca ? { ca } : {}),
    // The connection goes to the address that was checked; the certificate is for the host's name.
    ...(/^[\d.]+$|:/.test(name) ? {} : { servername: name }),
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
  };
}

function before<T>(deadline: AbortSignal, target: Target, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(tookTooLong(target, deadline.reason));
    if (deadline.aborted) giveUp();
    deadline.addEventListener("abort", giveUp, { once: true });
    work
      .then(resolve, (error: unknown) => reject(toConnectorError(error, target)))
      .finally(() => deadline.removeEventListener("abort", giveUp));
  });
}

function withoutTls(target: Target, cause: unknown): ConnectorError {
  return new ConnectorError("certificate", `${addressOf(target)} offers no encryption on this port`, {
    remedy: "Give the server a certificate; or choose ldaps, with port 636.",
    object: addressOf(target),
    cause,
  });
}
