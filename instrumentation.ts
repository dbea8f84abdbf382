/** Called once by Next.js when a server process starts. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { notePeers } = await import("./lib/auth/note-peers");
  const { watchRequests } = await import("./lib/operations/watch-requests");
  notePeers();
  watchRequests();
}
