import { answerDownload } from "@/app/download";
import { type ExportInput, exportRecord } from "@/lib/audit/export-record";
import { packExport } from "@/lib/audit/pack-export";

export const dynamic = "force-dynamic";

/** `GET /activity/export?format=…&since=…`: the record with all that is needed to verify it, as a compressed archive. */
export function GET(request: Request): Promise<Response> {
  return answerDownload(async (actor) => {
    const made = await exportRecord(actor, Object.fromEntries(new URL(request.url).searchParams) as ExportInput);
    return { name: `${made.name}.tar.gz`, type: "application/gzip", body: packExport(made) };
  });
}
