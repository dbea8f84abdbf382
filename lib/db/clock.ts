import { stoppedAt } from "../time";
import type { Db } from "./client";

/**
 * The time by the database's clock, which all processes share: what begins and ends access goes by it, so that a machine
 * whose own clock jumps ends nothing early and keeps nothing late. A test that stops the clock stops this one too.
 */
export async function clockOf(db: Db): Promise<Date> {
  const stopped = stoppedAt();
  if (stopped) return stopped;
  const [row] = await db.$queryRaw<{ at: Date }[]>`select clock_timestamp() as at`;
  if (!row) throw new Error("the database did not tell the time");
  return row.at;
}
