import type { Role } from "./permissions";

/** A person in a session, or a personal token that acts as that person with that person's rights. */
export type PersonActor = {
  type: "person";
  userId: string;
  /** The person's row in the inventory, when one is known. */
  identityId: string | null;
  name: string;
  email: string | null;
  roles: readonly Role[];
  sessionId: string | null;
  tokenId: string | null;
  /** How this session was authenticated: `oidc`, `passkey`, `link`, `token`. */
  authenticatedBy: string;
  /** Of a personal token: what it was narrowed to. Null in a session: everything that the person may. */
  scopes: readonly string[] | null;
  requestId: string | null;
};

/** A program with an API token of its own. */
export type WorkloadActor = {
  type: "workload";
  tokenId: string;
  name: string;
  scopes: readonly string[];
  requestId: string | null;
};

/** Rollcall itself: the worker, the starter, or somebody with a shell on the machine. */
export type SystemActor = { type: "system"; name: string; requestId: string | null };

/** Who calls: the first argument of every command and query. */
export type Actor = PersonActor | WorkloadActor | SystemActor;

/** Rollcall acting by itself, `as` naming the part: "worker", "start", "command line". */
export function system(as: string, requestId: string | null = null): SystemActor {
  return { type: "system", name: as, requestId };
}

/** A stable id for the record: who did it, whatever their name is today. */
export function actorId(actor: Actor): string {
  if (actor.type === "person") return actor.userId;
  return actor.type === "workload" ? actor.tokenId : actor.name;
}
