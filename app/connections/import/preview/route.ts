import { previewFile } from "@/lib/connections/import-file";
import { answerUpload } from "../read-upload";

/** Takes the beginning of an export file and says how it would be read; keeps nothing. */
export function POST(request: Request): Promise<Response> {
  return answerUpload(request, (actor, upload) => previewFile(actor, upload, request.signal));
}
