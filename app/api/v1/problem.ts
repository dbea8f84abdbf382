import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import { z } from "zod";
import { refusalOf } from "@/lib/db/refusal";
import { type AppError, statusOfCode } from "@/lib/errors";
import { log } from "@/lib/log";
import { BodyError } from "./read-json";

export const problemCodes = [
  "invalid",
  "unauthenticated",
  "forbidden",
  "not_found",
  "conflict",
  "limited",
  "unavailable",
  "malformed",
  "too_large",
  "unsupported_media_type",
  "method_not_allowed",
  "internal",
] as const;

/** A refusal as RFC 9457 has it. `code` is stable; `detail` is for people and may change. */
export const problem = z.object({
  type: z.literal("about:blank"),
  title: z.string().meta({ description: "The words of the status." }),
  status: z.number().int(),
  detail: z.string().meta({ description: "What is wrong, for a person." }),
  code: z.enum(problemCodes).meta({ description: "What is wrong, for a program." }),
  remedy: z.string().optional().meta({ description: "What can be done about it." }),
  errors: z
    .array(z.object({ field: z.string(), message: z.string() }))
    .optional()
    .meta({ description: "Which fields of the call are wrong." }),
  requestId: z.string(),
});

export type Problem = z.infer<typeof problem>;

type Facts = { code: Problem["code"]; status: number; detail: string } & Pick<Problem, "remedy" | "errors">;

/** A refused call, as the answer that goes out. */
export class Refusal extends Error {
  constructor(
    readonly facts: Facts,
    readonly headers: Record<string, string> = {},
  ) {
    super(facts.detail);
    this.name = "Refusal";
  }
}

/** What to answer to an error. What is not a refusal is logged with the request's id, and only that id is shown. */
export function refusalFor(error: unknown, requestId: string): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof BodyError) {
    const { code, status, message: detail, remedy } = error;
    return new Refusal({ code, status, detail, remedy });
  }
  const refusal = refusalOf(error);
  if (refusal) return ofAppError(refusal);
  log().error({ err: error, requestId }, "a call of the API failed");
  return new Refusal({
    code: "internal",
    status: 500,
    detail: "Something went wrong here. The reference is the request's id.",
  });
}

function ofAppError(error: AppError): Refusal {
  const headers: Record<string, string> = {};
  if (error.retryAfterSeconds !== undefined) headers["retry-after"] = String(Math.ceil(error.retryAfterSeconds));
  else if (error.code === "unavailable") headers["retry-after"] = "5";
  if (error.code === "unauthenticated") headers["www-authenticate"] = 'Bearer realm="rollcall"';
  return new Refusal(
    {
      code: error.code,
      status: statusOfCode[error.code],
      detail: error.message,
      remedy: error.remedy,
      errors: error.field === undefined ? undefined : [{ field: error.field, message: error.message }],
    },
    headers,
  );
}

/** Of what Zod found wrong: the first twenty fields. */
export function invalidFields(error: z.ZodError): Refusal {
  const errors = error.issues.slice(0, 20).map((issue) => ({
    field: issue.path.map(String).join(".").slice(0, 200),
    message: issue.message.slice(0, 500),
  }));
  const first = errors[0];
  return new Refusal({
    code: "invalid",
    status: 422,
    detail: first ? `${first.field ? `${first.field}: ` : ""}${first.message}` : "The call is not valid.",
    errors,
  });
}

/** The answer of a refusal: application/problem+json. */
export function problemResponse(refusal: Refusal, requestId: string): Response {
  const { code, status, detail, remedy, errors } = refusal.facts;
  const title = STATUS_CODES[status] ?? "Error";
  const body: Problem = { type: "about:blank", title, status, detail, code, remedy, errors, requestId };
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...commonHeaders(requestId), "content-type": "application/problem+json", ...refusal.headers },
  });
}

/** On every answer: nothing of this may be kept by a cache. */
export function commonHeaders(requestId: string): Record<string, string> {
  return {
    "cache-control": "private, no-store",
    "x-request-id": requestId,
    "x-content-type-options": "nosniff",
  };
}

/** The id of a request: the caller's own if it is a plain one, else a new one. */
export function requestIdOf(request: Request): string {
  const given = request.headers.get("x-request-id");
  return given && /^[\w.:-]{8,100}$/.test(given) ? given : randomUUID();
}
