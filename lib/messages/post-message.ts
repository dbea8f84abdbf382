import { type Answer, CallFailed, callOut } from "../network/call-out";
import { secondMs } from "../time";
import type { Attempt } from "./attempt";
import type { ChannelKind, ChannelSecrets } from "./schema";
import { webhookHeaders } from "./sign-webhook";

/** For one whole call, to the last byte of the answer. */
export const postDeadlineMs = 15 * secondMs;

export type Post = {
  kind: Exclude<ChannelKind, "email">;
  id: string;
  at: Date;
  body: string;
  secrets: ChannelSecrets;
  allowedHost: string | null;
  signal?: AbortSignal;
};

/** Posts to Slack, Teams or a webhook. Everything that can go wrong is an attempt, not an error. */
export async function postMessage(post: Post, deadlineMs = postDeadlineMs): Promise<Attempt> {
  const { kind, id, at, body, secrets, allowedHost, signal } = post;
  const signed = kind === "webhook" ? webhookHeaders({ id, at, body, secrets }) : {};
  try {
    const answer = await callOut({
      url: secrets.url ?? "",
      headers: { "content-type": "application/json", "user-agent": "Rollcall", ...signed },
      body,
      allowedHost,
      deadlineMs,
      ...(signal ? { signal } : {}),
    });
    return attemptOf(kind, answer);
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    return { outcome: error.refused ? "never" : "again", status: null, answer: error.message, retryAfter: null };
  }
}

/** What an answer means. Pure. */
export function attemptOf(kind: Post["kind"], { status, headers, body }: Answer): Attempt {
  const asked = headers["retry-after"];
  const retryAfter = typeof asked === "string" ? asked : null;
  return { outcome: outcomeOf(kind, status, body), status, answer: body, retryAfter };
}

function outcomeOf(kind: Post["kind"], status: number, body: string): Attempt["outcome"] {
  if (status >= 200 && status < 300) return hasErrorBody(kind, body) ? "again" : "sent";
  // A redirect is not followed: somebody has to enter the new address, having looked at it.
  if (status >= 300 && status < 400) return "never";
  if (kind === "webhook") return status === 410 ? "gone" : "again";
  // Slack and Teams refuse with these what they will refuse tomorrow too: a bad payload, a webhook that was removed.
  return status >= 400 && status < 500 && ![408, 425, 429].includes(status) ? "never" : "again";
}

// Slack says ok and nothing else; the older connectors of Teams put the failure into a 200.
function hasErrorBody(kind: Post["kind"], body: string): boolean {
  if (kind === "slack") return body.trim() !== "ok";
  return kind === "teams" && /delivery failed with error/i.test(body);
}
