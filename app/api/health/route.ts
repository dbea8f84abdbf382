export const dynamic = "force-dynamic";

/** Alive: this process answers. Asks nothing of anybody else, so that a database that is away restarts no web process. */
export function GET(): Response {
  return Response.json({ status: "alive" }, { headers: { "cache-control": "no-store" } });
}
