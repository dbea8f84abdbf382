import type { Actor } from "@/lib/auth/actor";
import { assertStanding } from "@/lib/auth/assert-standing";
import { actorOfRequest } from "@/lib/auth/current-actor";
import { refusalOf } from "@/lib/db/refusal";
import { statusOfCode } from "@/lib/errors";
import { minuteMs, nowMs } from "@/lib/time";

const lookEveryMs = 500;
const longestMs = 15 * minuteMs;

/** What `read` answers to whoever asks, as server-sent events, each time it has moved and as long as they may see it. */
export async function streamTo(request: Request, read: (actor: Actor) => Promise<unknown>): Promise<Response> {
  try {
    const actor = await actorOfRequest(request);
    const look = async () => {
      await assertStanding(actor);
      return JSON.stringify(await read(actor));
    };
    return eventStream(look, await look(), request.signal);
  } catch (error) {
    const refusal = refusalOf(error);
    if (!refusal) throw error;
    return new Response(refusal.message, { status: statusOfCode[refusal.code] });
  }
}

/**
 * What `look` answers as server-sent events, each time it has changed. It ends when `look` throws and after a quarter of an
 * hour; the browser calls again by itself.
 */
function eventStream(look: () => Promise<string>, first: string, signal: AbortSignal): Response {
  const headers = {
    "content-type": "text/event-stream",
    "cache-control": "private, no-store, no-transform",
    "x-accel-buffering": "no",
  };
  return new Response(follow(look, first, signal), { headers });
}

function follow(look: () => Promise<string>, first: string, signal: AbortSignal): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const until = nowMs() + longestMs;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return new ReadableStream({
    start(controller) {
      let last = first;
      controller.enqueue(encoder.encode(`retry: 2000\ndata: ${first}\n\n`));
      const end = () => {
        clearTimeout(timer);
        if (!signal.aborted) controller.close();
      };
      const step = async () => {
        const found = await look().catch(() => null);
        if (signal.aborted) return;
        // A comment keeps the line open through proxies, and a lost reader is noticed.
        controller.enqueue(
          encoder.encode(found === null || found === last ? ": still here\n\n" : `data: ${found}\n\n`),
        );
        last = found ?? last;
        if (found === null || nowMs() > until) end();
        else timer = setTimeout(step, lookEveryMs);
      };
      timer = setTimeout(step, lookEveryMs);
      signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
    },
    cancel: () => clearTimeout(timer),
  });
}
