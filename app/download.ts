import type { PersonActor } from "@/lib/auth/actor";
import { currentActor } from "@/lib/auth/current-actor";
import { refusalOf } from "@/lib/db/refusal";
import { statusOfCode } from "@/lib/errors";

/** A file to be saved, as it is read. */
export type Download = { name: string; type: string; body: ReadableStream<Uint8Array> };

/** Answers a file to whoever is signed in. A refusal is answered in words: a browser shows them where it would save. */
export async function answerDownload(make: (actor: PersonActor) => Promise<Download>): Promise<Response> {
  const actor = await currentActor();
  if (!actor) return refused(401, "You are not signed in, or your session has ended.");
  try {
    const { name, type, body } = await make(actor);
    return new Response(body, {
      headers: {
        "content-type": type,
        "content-disposition": `attachment; filename="${name}"`,
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
      },
    });
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    return refused(statusOfCode[refusal.code], `${refusal.message} ${refusal.remedy ?? ""}`);
  }
}

function refused(status: number, message: string): Response {
  return new Response(`${message}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "private, no-store" },
  });
}

/** Texts as a body. It reads on only as the reader takes: a slow download holds one page of rows, not the list. */
export function streamOf(texts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream(
    {
      async pull(controller) {
        const next = await texts.next();
        if (next.done) controller.close();
        else controller.enqueue(encoder.encode(next.value));
      },
      async cancel() {
        await texts.return(undefined);
      },
    },
    { highWaterMark: 1 },
  );
}
