import { type ExportInput, exportRecord } from "@/lib/audit/export-record";
import { packExport } from "@/lib/audit/pack-export";
import { currentActor } from "@/lib/auth/current-actor";
import { refusalOf } from "@/lib/db/refusal";
import { statusOfCode } from "@/lib/errors";

export const dynamic = "force-dynamic";

/** `GET /activity/export?format=…&since=…`: the record with all that is needed to verify it, as a compressed archive. */
export async function GET(request: Request): Promise<Response> {
  const actor = await currentActor();
  if (!actor) return refused(401, "You are not signed in, or your session has ended.");
  try {
    const input = Object.fromEntries(new URL(request.url).searchParams) as ExportInput;
    const made = await exportRecord(actor, input);
    return new Response(packExport(made), {
      headers: {
        "content-type": "application/gzip",
        "content-disposition": `attachment; filename="${made.name}.tar.gz"`,
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
