import { request as overHttp, type RequestOptions } from "node:http";
import { request as overHttps } from "node:https";
import { isIP } from "node:net";
import { firstOf, within } from "../time-limit";
import { AddressRefused, assertMayConnect, guardedLookup } from "./guarded-lookup";

/** One HTTP call to a place that somebody typed. */
export type CallOut = {
  /** POST unless told. */
  method?: "POST" | "PUT";
  url: string;
  headers: Record<string, string>;
  body: string;
  /** The one host that may be at a private address, or be reached without TLS; null: none. */
  allowedHost: string | null;
  /** For the whole call, from the first look-up to the last byte. */
  deadlineMs: number;
  /** Of the answer; what comes after is not read. */
  maxBytes?: number;
  signal?: AbortSignal;
};

/** What came back; a redirect is an answer like any other and is not followed. */
export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string };

/** The call could not be made or was not answered, in words. `refused`: by our own rule, so that trying again is vain. */
export class CallFailed extends Error {
  readonly refused: boolean;
  constructor(message: string, facts: { refused: boolean; cause?: unknown }) {
    super(message, { cause: facts.cause });
    this.name = "CallFailed";
    this.refused = facts.refused;
  }
}

/**
 * Sends to an address that somebody typed. Each address that the host's name stands for is checked, and the connection
 * goes to one that was checked, so that a name which changes in between leads nowhere else. Redirects are not followed;
 * the time and the size of the answer are limited.
 * @throws CallFailed
 */
export async function callOut(call: CallOut): Promise<Answer> {
  const url = readTarget(call.url, call.allowedHost);
  const deadline = within(call.deadlineMs);
  const signal = call.signal ? firstOf(deadline, call.signal) : deadline;
  try {
    return await post(url, call, signal);
  } catch (error) {
    throw failureOf(error, { url, deadline, deadlineMs: call.deadlineMs });
  }
}

/**
 * The address, when it is one that may be called: https, or http to the one host that was allowed; no user in it.
 * @throws CallFailed
 */
export function readTarget(text: string, allowedHost: string | null): URL {
  const refuse = (message: string) => new CallFailed(message, { refused: true });
  if (text.length > 2_000 || !URL.canParse(text)) throw refuse("this is no address of the web");
  const url = new URL(text);
  const isAllowed = allowedHost !== null && url.hostname === allowedHost;
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isAllowed))
    throw refuse(`the address of ${url.hostname} does not begin with https://`);
  if (url.username !== "" || url.password !== "") throw refuse("the address holds a user or a password");
  const bare = url.hostname.replace(/^\[(.*)\]$/, "$1");
  // Node asks no look-up for what is an address already.
  if (isIP(bare) !== 0) {
    try {
      assertMayConnect(url.hostname, bare, isAllowed);
    } catch (error) {
      throw failureOf(error, { url, deadline: null, deadlineMs: 0 });
    }
  }
  return url;
}

function post(url: URL, call: CallOut, signal: AbortSignal): Promise<Answer> {
  const isAllowed = call.allowedHost !== null && url.hostname === call.allowedHost;
  const body = Buffer.from(call.body);
  const options: RequestOptions = {
    method: call.method ?? "POST",
    headers: { ...call.headers, "content-length": body.length },
    lookup: guardedLookup(isAllowed),
    agent: false,
    signal,
  };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? overHttps : overHttp)(url, options, (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      const end = () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts)
            .toString("utf8")
            .slice(0, call.maxBytes ?? 16_384),
        });
      response.on("data", (part: Buffer) => {
        parts.push(part);
        bytes += part.length;
        if (bytes <= (call.maxBytes ?? 16_384)) return;
        end();
        response.destroy();
      });
      response.once("end", end);
      response.once("error", reject);
      response.once("aborted", () => reject(Object.assign(new Error("cut off"), { code: "ECONNRESET" })));
    });
    request.once("error", reject);
    request.end(body);
  });
}

const inWords: Record<string, string> = {
  ENOTFOUND: "has no address",
  EAI_AGAIN: "could not be looked up",
  ECONNREFUSED: "refused the connection",
  ECONNRESET: "broke the connection off",
  EPIPE: "broke the connection off",
  EHOSTUNREACH: "cannot be reached from here",
  ENETUNREACH: "cannot be reached from here",
  ETIMEDOUT: "did not answer in time",
  CERT_HAS_EXPIRED: "has a certificate that has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "has a certificate that nobody known here signed",
  SELF_SIGNED_CERT_IN_CHAIN: "has a certificate that nobody known here signed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "has a certificate that nobody known here signed",
  ERR_TLS_CERT_ALTNAME_INVALID: "has a certificate of another name",
};

type Circumstances = { url: URL; deadline: AbortSignal | null; deadlineMs: number };

/** Whatever went wrong with a call, in words. */
export function failureOf(error: unknown, { url, deadline, deadlineMs }: Circumstances): CallFailed {
  if (error instanceof CallFailed) return error;
  if (error instanceof AddressRefused) return new CallFailed(error.message, { refused: true, cause: error });
  const gaveUp = deadline?.aborted === true;
  const { code } = error as { code?: unknown };
  const words = gaveUp ? `did not answer within ${deadlineMs / 1_000} s` : (inWords[String(code)] ?? "failed");
  const detail = words === "failed" ? ` (${String(code ?? (error as Error).name)})` : "";
  return new CallFailed(`${url.host} ${words}${detail}`, { refused: false, cause: error });
}
