import { headers } from "next/headers";
import { mayReadMetrics } from "@/lib/operations/may-read-metrics";
import { renderMetrics } from "@/lib/operations/metrics";

export const dynamic = "force-dynamic";

/** For Prometheus: with METRICS_TOKEN as the bearer token, or from this machine itself where none is set. */
export async function GET(): Promise<Response> {
  if (!mayReadMetrics(await headers())) {
    return new Response("The metrics are for the bearer of METRICS_TOKEN.\n", {
      status: 401,
      headers: { "www-authenticate": 'Bearer realm="metrics"', "cache-control": "no-store" },
    });
  }
  const { text, contentType } = await renderMetrics();
  return new Response(text, { headers: { "content-type": contentType, "cache-control": "no-store" } });
}
