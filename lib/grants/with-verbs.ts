import type { BoundVerbs, HeldAccess, SessionsEnded } from "../connectors/provisioning";
import { type Target, whyNotGiving } from "./target";

/** The verbs on one edge. Not every system has sessions to end: then null. */
export type EdgeVerbs = Omit<BoundVerbs, "endSessions"> & { endSessions(): Promise<SessionsEnded | null> };

/** Does `work` with the verbs on one edge, in one session where the connector has one for several. */
export async function withVerbs<T>(
  { connector, context }: Target,
  names: HeldAccess,
  work: (verbs: EdgeVerbs) => Promise<T>,
): Promise<T> {
  if (connector.together) return connector.together(context(), names, work);
  const { grant, revoke, readBack, endSessions } = connector;
  if (!grant || !revoke || !readBack)
    throw new Error(whyNotGiving(connector, context().settings)?.because ?? "the connector cannot give");
  return work({
    grant: (until) => grant(context(), { ...names, until }),
    revoke: () => revoke(context(), names),
    readBack: () => readBack(context(), names),
    endSessions: async () => (await endSessions?.(context(), names.account)) ?? null,
  });
}
