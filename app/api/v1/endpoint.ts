import type { z } from "zod";
import type { Actor } from "@/lib/auth/actor";
import type { Permission } from "@/lib/auth/permissions";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** Anything that came with the call, parsed: what the path, the query and the body said. */
export type Input<Params, Query, Body> = { params: Params; query: Query; body: Body };

/**
 * One endpoint: how it is called, what it answers, and the command or query that does it. Routing, checking and the
 * OpenAPI description are all made from this.
 */
export type Endpoint<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> = {
  method: Method;
  /** Below /api/v1, with {names} of the parameters. */
  path: string;
  summary: string;
  description?: string;
  tag: string;
  /** Which permission the command asks for, as said in the description; the command itself decides. Null: none. */
  permission: Permission | null;
  params?: Params;
  query?: Query;
  body?: Body;
  answer: Answer;
  /** Of success: 200 unless told. */
  status?: 200 | 201 | 202;
  /** Takes a POST but changes nothing, so that no Idempotency-Key is needed. */
  safe?: true;
  /** The answer holds a secret: it is kept nowhere, also not for an Idempotency-Key. */
  secretAnswer?: true;
  /** A call without any body is taken for one with an empty object. */
  bodyOptional?: true;
  /** Largest body in bytes: 1 MB unless told. */
  bodyLimit?: number;
  /** What other systems saw goes through here: characters that cannot be kept are replaced by the command, not refused. */
  takesOddText?: true;
  run(
    actor: Actor,
    input: Input<z.output<Params>, z.output<Query>, z.output<Body>>,
  ): Promise<z.input<Answer>> | z.input<Answer>;
};

/** Declares an endpoint; its parts then fit each other or do not compile. */
export function endpoint<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Answer extends z.ZodType,
>(it: Endpoint<Params, Query, Body, Answer>): Endpoint {
  // The table holds endpoints of every shape; `answer.ts` hands `run` only what these same schemas parsed.
  return it as unknown as Endpoint;
}
