import { isIP } from "node:net";
import { connect } from "node:tls";
import { firstOf, within } from "../time-limit";
import { CallFailed, failureOf } from "./call-out";
import { assertMayConnect, guardedLookup } from "./guarded-lookup";

/** Text for a server that takes and says nothing, such as one of syslog. */
export type Sending = {
  host: string;
  port: number;
  text: string;
  /** The one host that may be at a private address; null: none. */
  allowedHost: string | null;
  /** Certificates (PEM) to believe beside those everybody knows. */
  ca?: string;
  deadlineMs: number;
  signal?: AbortSignal;
};

/**
 * Sends over TLS and waits until the server has closed the connection after the last byte: that it read so far is all
 * that such a protocol lets one know. The server's name is checked against its certificate, its address as in `callOut`.
 * @throws CallFailed
 */
export async function sendOverTls(sending: Sending): Promise<void> {
  const { host, port, deadlineMs } = sending;
  const url = new URL(`https://${isIP(host) === 6 ? `[${host}]` : host}:${port}`);
  const deadline = within(deadlineMs);
  const signal = sending.signal ? firstOf(deadline, sending.signal) : deadline;
  try {
    if (isIP(host) !== 0) assertMayConnect(host, host, host === sending.allowedHost);
    await send(sending, signal);
  } catch (error) {
    throw failureOf(error, { url, deadline, deadlineMs });
  }
}

function send({ host, port, text, allowedHost, ca }: Sending, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const lookup = guardedLookup(host === allowedHost);
    const socket = connect({
      host,
      port,
      lookup,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(ca ? { ca } : {}),
    });
    const stop = () => socket.destroy(new Error("stopped"));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
    let failed: unknown = null;
    socket.once("error", (error) => {
      failed = error;
    });
    socket.once("secureConnect", () => socket.end(text));
    // Nothing is expected; what comes is read so that the end of it is seen.
    socket.resume();
    let ended = false;
    socket.once("end", () => {
      ended = true;
    });
    socket.once("close", () => {
      signal.removeEventListener("abort", stop);
      if (failed === null && ended) resolve();
      else reject(failed ?? new CallFailed(`${host}:${port} broke the connection off`, { refused: false }));
    });
  });
}
