import { getReadiness } from "@/lib/operations/readiness";

export const dynamic = "force-dynamic";

/** Ready: the database and at least one worker are there. */
export async function GET(): Promise<Response> {
  const readiness = await getReadiness();
  const headers: Record<string, string> = { "cache-control": "no-store" };
  if (!readiness.ready) headers["retry-after"] = "2";
  return Response.json(readiness, { status: readiness.ready ? 200 : 503, headers });
}
