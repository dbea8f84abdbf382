import { summarizeIdentityAccess } from "@/lib/access/identity-access-queries";
import { actorOfRequest } from "@/lib/auth/current-actor";
import { refusalOf } from "@/lib/db/refusal";
import { AppError, statusOfCode } from "@/lib/errors";
import { getIdentity } from "@/lib/inventory/identity-queries";
import { momentOf } from "../../../moment";
import { pack } from "./packed";

const drawnAtMost = 5_000;

/** Access as the picture draws it: read after the page, so that the page waits for no picture. */
export async function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  try {
    const actor = await actorOfRequest(request);
    const { id } = await params;
    const text = new URL(request.url).searchParams.get("at");
    const at = momentOf(text ?? undefined);
    if (text && !at) throw new AppError("invalid", "This is no time.", { field: "at" });
    const { name, kind } = await getIdentity(actor, { id });
    const { entries, counts } = await summarizeIdentityAccess(actor, {
      identityId: id,
      limit: drawnAtMost,
      ...(at ? { at } : {}),
    });
    return Response.json(pack({ id, name, kind }, entries, counts), {
      headers: { "cache-control": "private, no-store" },
    });
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    const { code, message, remedy } = refusal;
    return Response.json({ code, message, remedy }, { status: statusOfCode[code] });
  }
}
