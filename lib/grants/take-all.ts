import { ConnectorError } from "../connectors/connector-error";
import type { HeldAccess, SessionsEnded, TakenOne } from "../connectors/provisioning";
import { nowMs } from "../time";
import type { Target } from "./target";
import { withVerbs } from "./with-verbs";

/** What taking several came to, in their order, and the sessions that were ended once after all of them. */
export type TakenAll = { each: TakenOne[]; sessions: SessionsEnded | null };

/** Takes several accesses of one account and reads each back: in one go where the connector can, else one by one. */
export async function takeAll(
  target: Target,
  held: readonly HeldAccess[],
  { endingSessions }: { endingSessions: boolean },
): Promise<TakenAll> {
  const { connector, context } = target;
  const account = held[0]?.account;
  if (!account) return { each: [], sessions: null };
  const accesses = held.map(({ access }) => access);
  if (connector.revokeAll) return connector.revokeAll(context(), { account, accesses, endingSessions });
  const each: TakenOne[] = [];
  let away: ConnectorError | null = null;
  for (const one of held) {
    const taken: TakenOne = away ? { error: away } : await takeOne(target, one);
    // Where the system is away, the others need not find out.
    if ("error" in taken && isAway(taken.error)) away = taken.error;
    each.push(taken);
  }
  // What was taken is not over while sessions live on that nobody could end.
  if (away && endingSessions && connector.endSessions)
    return { each: held.map(() => ({ error: away })), sessions: null };
  // Whoever lost nothing keeps what is open.
  const isLoss = each.some((one) => !("error" in one) && one.taken.outcome !== "impossible");
  const sessions = endingSessions && isLoss ? ((await connector.endSessions?.(context(), account)) ?? null) : null;
  return { each, sessions };
}

async function takeOne(target: Target, held: HeldAccess): Promise<TakenOne> {
  try {
    return await withVerbs(target, held, async (verbs) => {
      const taken = await verbs.revoke();
      const doneAtMs = nowMs();
      return { taken, doneAtMs, readBack: await verbs.readBack() };
    });
  } catch (error) {
    return { error };
  }
}

/** Did the system not answer at all? */
export function isAway(error: unknown): error is ConnectorError {
  return error instanceof ConnectorError && ["unreachable", "timeout", "credentials"].includes(error.code);
}
