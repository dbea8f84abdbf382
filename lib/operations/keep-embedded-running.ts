import { setTimeout as wait } from "node:timers/promises";
import { type EmbeddedServer, startEmbedded } from "../db/embedded";
import { messageOf } from "../errors";
import type { Supervised } from "./supervise";

/** Starts the embedded database again, on its port, whenever it is gone: killed, crashed, or stopped by somebody. */
export function keepEmbeddedRunning(server: EmbeddedServer, folder: string, say: (line: string) => void): Supervised {
  const stopping = new AbortController();
  const done = (async () => {
    while (!stopping.signal.aborted) {
      await wait(200, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted || (await server.isRunning())) continue;
      say("The embedded database is gone; it starts again.");
      await startEmbedded(folder, { port: server.port }).catch((error) => say(messageOf(error)));
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
}
