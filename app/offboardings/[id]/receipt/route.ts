import { answerDownload, streamOf } from "@/app/download";
import { receiptCsv, receiptFormatOf, receiptJson } from "@/lib/offboarding/receipt-text";
import { takeReceipt } from "@/lib/offboarding/take-receipt";

export const dynamic = "force-dynamic";

type Context = { params: Promise<{ id: string }> };

/** `GET /offboardings/{id}/receipt?format=json|csv`: what a run did, as a file that proves itself, or for a spreadsheet. */
export function GET(request: Request, { params }: Context): Promise<Response> {
  return answerDownload(async (actor) => {
    const isCsv = receiptFormatOf(new URL(request.url).searchParams.get("format")) === "csv";
    const receipt = await takeReceipt(actor, await params);
    const text = isCsv ? receiptCsv(receipt) : receiptJson(receipt);
    return {
      name: `receipt-O-${receipt.receipt.number}.${isCsv ? "csv" : "json"}`,
      type: isCsv ? "text/csv; charset=utf-8; header=present" : "application/json; charset=utf-8",
      body: streamOf(once(text)),
    };
  });
}

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}
