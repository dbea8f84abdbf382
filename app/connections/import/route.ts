import { importFile } from "@/lib/connections/import-file";
import { answerUpload, nameOf } from "./read-upload";

/** Takes an export file as the body and reads it while it comes in; answers when it is in the inventory. */
export function POST(request: Request): Promise<Response> {
  return answerUpload(request, (actor, upload) =>
    importFile(actor, { ...upload, name: nameOf(upload) }, request.signal),
  );
}
