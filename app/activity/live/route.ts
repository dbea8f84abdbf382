import { tailEvents } from "@/lib/audit/queries";
import type { Actor } from "@/lib/auth/actor";
import { assertStanding } from "@/lib/auth/assert-standing";
import { actorOfRequest } from "@/lib/auth/current-actor";
import { refusalOf } from "@/lib/db/refusal";
import { statusOfCode } from "@/lib/errors";
import { minuteMs, nowMs, secondMs } from "@/lib/time";

export const dynamic = "force-dynamic";

/** A stream ends after this long and the browser opens the next: a session that ended is refused there. */
const longestStreamMs = minuteMs;

/**
 * Server-sent events of the record from `after` (or the Last-Event-ID of a broken stream) on. The id of a message is the
 * number of the last event in it, so that nothing is missed over a break and nothing comes twice.
 */
export async function GET(request: Request): Promise<Response> {
  try {
    const actor = await actorOfRequest(request);
    const first = await tailEvents(actor, { after: startOf(request) });
    return new Response(follow(actor, first, request.signal), {
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "private, no-store, no-transform",
        "x-accel-buffering": "no",
      },
    });
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    return Response.json({ code: refusal.code, detail: refusal.message }, { status: statusOfCode[refusal.code] });
  }
}

function startOf(request: Request): number | null {
  const text = request.headers.get("last-event-id") ?? new URL(request.url).searchParams.get("after") ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

type Tail = Awaited<ReturnType<typeof tailEvents>>;

function follow(actor: Actor, first: Tail, signal: AbortSignal): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const endsAt = nowMs() + longestStreamMs;
  let open = true;
  let before = "";
  const stop = () => {
    open = false;
  };
  return new ReadableStream({
    async start(controller) {
      signal.addEventListener("abort", stop);
      const send = (tail: Tail) => {
        const data = JSON.stringify({ numbered: tail.numbered, waiting: tail.waiting });
        // What still waits is repeated only when it changed; a comment keeps the line open meanwhile.
        const text = data === before ? ": still here\n\n" : `id: ${tail.last}\ndata: ${data}\n\n`;
        before = data;
        controller.enqueue(encoder.encode(text));
      };
      try {
        controller.enqueue(encoder.encode(`retry: 2000\n\n`));
        send(first);
        for (let last = first.last; open && nowMs() < endsAt; ) {
          await pause(secondMs, signal);
          await assertStanding(actor);
          const tail = await tailEvents(actor, { after: last });
          last = tail.last;
          if (open) send(tail);
        }
      } finally {
        // Whatever ended it, the browser comes back with the id of the last message.
        if (open) controller.close();
      }
    },
    cancel: stop,
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
