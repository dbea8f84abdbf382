import { Count } from "@/components/count";
import type { Total } from "@/lib/lists/run-list";

/** A number that is still being counted while the rest of the page is shown. Without an answer it stays away. */
export async function TotalOf({ count }: { count: Promise<Total> }) {
  const total = await count.catch(() => null);
  return total ? <Count value={total.value} capped={total.capped} /> : null;
}
