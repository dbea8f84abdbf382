import { ownTime } from "../time";
import type { Db } from "./client";

/**
 * The time by the database's clock, which all processes share: what begins and ends access goes by it, so that a machine
 * whose own clock jumps ends nothing early and keeps nothing late. A process that lives in another time, a test or the demonstration's
 * past, lives in it here too.
 */
export async function clockOf(db: Db): Promise<Date> {
  const own = ownTime();
  if (own) return own;
  const [row] = await db.$queryRaw<{ at: Date }[]>`select clock_timestamp() as at`;
  if (!row) throw new Error("the database did not tell the time");
  return row.at;
}

/** The same, where a statement that was needed anyway told the database's time along: `clock_timestamp()`. */
export function clockTold(at: Date): Date {
  return ownTime() ?? at;
}
