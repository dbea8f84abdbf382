import { spanWords } from "@/components/time-words";
import { minuteMs, secondMs } from "@/lib/time";

/** How long something took, as exactly as it matters: "0.38 s", "14.2 s", "7 min". */
export function tookWords(ms: number): string {
  if (ms >= minuteMs) return spanWords(ms);
  return `${(ms / secondMs).toFixed(ms < 10 * secondMs ? 2 : 1)} s`;
}
