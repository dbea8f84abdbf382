import { system } from "@/lib/auth/actor";
import { readState } from "@/lib/lists/read-state";
import { exportList } from "@/lib/views/export-list";
import { identityList } from "@/lib/views/lists/identity-list";
import type { World } from "./generate";
import type { Figure } from "./measure";

const megabyte = 1_048_576;

/** Takes every identity as CSV; the figure is what memory grew by after the first twenty thousand rows. */
export async function benchExport({ identities }: World): Promise<Figure[]> {
  const started = performance.now();
  let pieces = 0;
  let bytes = 0;
  let warm: number | null = null;
  let most = 0;
  for await (const piece of await exportList(system("bench"), {
    page: "identities",
    state: readState(identityList, {}),
  })) {
    bytes += piece.length;
    // Twenty thousand rows on, or a tenth of fewer.
    if (++pieces < Math.min(100, identities / 2_000)) continue;
    const rss = process.memoryUsage.rss();
    warm ??= rss;
    most = Math.max(most, rss);
  }
  const seconds = (performance.now() - started) / 1_000;
  const what = `export of ${identities.toLocaleString("en-GB")} identities, ${Math.round(bytes / megabyte)} MB in ${seconds.toFixed(0)} s`;
  return [
    {
      what: `${what}: growth of memory, MB for ms`,
      bareMs: null,
      oursMs: (most - (warm ?? most)) / megabyte,
      atMost: { ms: 64 },
    },
  ];
}
