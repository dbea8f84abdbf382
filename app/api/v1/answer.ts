import { z } from "zod";
import type { Actor } from "@/lib/auth/actor";
import { answerOnce } from "@/lib/auth/answer-once";
import { assertKeepable } from "@/lib/db/keepable";
import { AppError } from "@/lib/errors";
import { callerOf } from "./caller";
import type { Endpoint, Input } from "./endpoint";
import { type Found, findEndpoint } from "./find-endpoint";
import { commonHeaders, invalidFields, problemResponse, Refusal, refusalFor, requestIdOf } from "./problem";
import { readJson, readQuery } from "./read-json";

const ordinaryBodyLimit = 1_000_000;
const nothing = z.strictObject({});

/** Answers one call of the API: finds the endpoint, tells who calls, checks what they sent, and runs the command. */
export async function answer(request: Request): Promise<Response> {
  const requestId = requestIdOf(request);
  try {
    const { endpoint, params } = found(request);
    const actor = await callerOf(request, requestId);
    const input = await inputOf(endpoint, params, request);
    return await run(endpoint, actor, input, request, requestId);
  } catch (error) {
    return problemResponse(refusalFor(error, requestId), requestId);
  }
}

function found(request: Request): Extract<Found, { endpoint: Endpoint }> {
  const result = findEndpoint(request.method, new URL(request.url).pathname);
  if ("endpoint" in result) return result;
  const allow = result.methods.join(", ");
  if (!allow) {
    throw new AppError("not_found", "There is no such address in this API.", {
      remedy: "See /api/v1/openapi.json for those there are.",
    });
  }
  const facts = { code: "method_not_allowed", status: 405, detail: `This address takes only ${allow}.` } as const;
  throw new Refusal(facts, { allow });
}

async function inputOf(
  endpoint: Endpoint,
  params: Record<string, string>,
  request: Request,
): Promise<Input<unknown, unknown, unknown>> {
  const parsedParams = (endpoint.params ?? nothing).safeParse(params);
  // An id that cannot be one is the id of nothing.
  if (!parsedParams.success) throw new AppError("not_found", "There is no such thing here.");
  const query = parsed(endpoint.query ?? nothing, readQuery(new URL(request.url).searchParams));
  const limit = endpoint.bodyLimit ?? ordinaryBodyLimit;
  const optional = endpoint.bodyOptional ?? false;
  const body = endpoint.body ? parsed(endpoint.body, await readJson(request, { limit, optional })) : null;
  if (!endpoint.takesOddText) assertKeepable(body);
  return { params: parsedParams.data, query, body };
}

function parsed(schema: z.ZodType, given: unknown): unknown {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw invalidFields(result.error);
}

async function run(
  endpoint: Endpoint,
  actor: Actor,
  input: Input<unknown, unknown, unknown>,
  request: Request,
  requestId: string,
): Promise<Response> {
  const work = async () => ({
    status: endpoint.status ?? 200,
    body: described(endpoint, await endpoint.run(actor, input)),
  });
  const key = endpoint.method === "GET" || endpoint.safe ? null : idempotencyKey(request);
  if (key === null) {
    const { status, body } = await work();
    return Response.json(body, { status, headers: commonHeaders(requestId) });
  }
  const call = {
    key,
    request: { method: endpoint.method, path: endpoint.path, input },
    secretAnswer: !!endpoint.secretAnswer,
  };
  const { status, body, repeated } = await answerOnce(actor, call, work);
  const headers = { ...commonHeaders(requestId), ...(repeated ? { "idempotent-replayed": "true" } : {}) };
  return Response.json(body, { status, headers });
}

// Parsed on its way out too: what is not described does not leave, and a wrong answer is our mistake, not the caller's.
function described(endpoint: Endpoint, result: unknown): unknown {
  const parsed = endpoint.answer.safeParse(result);
  if (parsed.success) return parsed.data;
  throw new Error(`${endpoint.method} ${endpoint.path} answered what it does not describe`, { cause: parsed.error });
}

function idempotencyKey(request: Request): string | null {
  const key = request.headers.get("idempotency-key");
  if (key === null) return null;
  if (/^[\x21-\x7e]{1,200}$/.test(key)) return key;
  throw new AppError("invalid", "An Idempotency-Key has 1 to 200 visible ASCII characters and no space.", {
    field: "Idempotency-Key",
  });
}
