import { connect, type Socket } from "node:net";
import { nowMs } from "../../time";
import { within } from "../../time-limit";
import { ConnectorError } from "../connector-error";
import { hostAddresses } from "../host-addresses";
import { addressOf, hangs, type Target, toConnectorError } from "./failures";
import type { Settings } from "./schema";

// Request code of the message that asks for encryption (PostgreSQL, "Message Formats": SSLRequest).
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** An address that answered, and whether the connection to it is to be encrypted. */
export type Reached = { address: string; encrypted: boolean };

/**
 * Finds the first address of the host that answers, and whether it speaks TLS, so that what is wrong is named before
 * anybody signs in, and so that the connection goes to the address that was checked.
 * @throws ConnectorError
 */
export async function reachServer(settings: Settings, signal: AbortSignal): Promise<Reached> {
  const deadline = within(settings.connectTimeoutSeconds * 1_000, signal);
  let last: unknown = null;
  const addresses = await addressesOf(settings, deadline);
  const lately = reachedLately.get(keyOf(settings));
  // The name still leads there, and somebody signed in there a moment ago.
  if (lately && lately.untilMs > nowMs() && addresses.includes(lately.address)) return lately;
  for (const address of addresses) {
    try {
      return { address, encrypted: await isEncrypted(address, settings, deadline) };
    } catch (error) {
      if (error instanceof ConnectorError) throw error;
      last = error;
    }
  }
  throw toConnectorError(last, settings);
}

const rememberedMs = 5_000;
const reachedLately = new Map<string, Reached & { untilMs: number }>();

/** Notes that somebody signed in there, or could not: for a few seconds the way need not be tried again. */
export function noteReached(settings: Settings, reached: Reached | null): void {
  if (reached === null) reachedLately.delete(keyOf(settings));
  else reachedLately.set(keyOf(settings), { ...reached, untilMs: nowMs() + rememberedMs });
}

function keyOf({ host, port, sslmode }: Settings): string {
  return JSON.stringify([host, port, sslmode]);
}

async function addressesOf(settings: Settings, deadline: AbortSignal): Promise<string[]> {
  return before(deadline, hostAddresses(settings), settings).catch((error) => {
    throw toConnectorError(error, settings);
  });
}

async function isEncrypted(address: string, settings: Settings, deadline: AbortSignal): Promise<boolean> {
  const socket = connect({ host: address, port: settings.port });
  try {
    const answer = await before(deadline, firstByte(socket, settings.sslmode !== "disable"), settings);
    if (answer === null) return false;
    if (answer === "S") return true;
    if (answer === "N" && settings.sslmode === "prefer") return false;
    if (answer === "N") throw withoutTls(settings);
    throw new ConnectorError("protocol", `what answers at ${addressOf(settings)} is no PostgreSQL server`, {
      remedy: "Check host and port.",
      object: addressOf(settings),
    });
  } finally {
    socket.destroy();
  }
}

/** Connects; with `ask`, also asks for encryption and gives the server's one letter of an answer. */
function firstByte(socket: Socket, ask: boolean): Promise<string | null> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("connect", () => (ask ? socket.write(sslRequest) : resolve(null)));
    socket.once("data", (data: Buffer) => resolve(data.toString("latin1", 0, 1)));
    socket.once("close", () => reject(Object.assign(new Error("the connection was closed"), { code: "ECONNRESET" })));
  });
}

function before<T>(deadline: AbortSignal, work: Promise<T>, target: Pick<Target, "host" | "port">): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      const [code, message, remedy] = hangs(target);
      reject(new ConnectorError(code, message, { remedy, object: addressOf(target), cause: deadline.reason }));
    };
    if (deadline.aborted) giveUp();
    deadline.addEventListener("abort", giveUp, { once: true });
    work.then(resolve, reject).finally(() => deadline.removeEventListener("abort", giveUp));
  });
}

function withoutTls(settings: Settings): ConnectorError {
  return new ConnectorError("certificate", `${addressOf(settings)} offers no encryption`, {
    remedy: "Turn on ssl in the server's postgresql.conf; or choose prefer or disable where the network is trusted.",
    object: addressOf(settings),
  });
}
