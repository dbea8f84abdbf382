import { randomUUID } from "node:crypto";
import { refresh } from "next/cache";
import { headers } from "next/headers";
import { unstable_rethrow } from "next/navigation";
import { z } from "zod";
import type { PersonActor } from "@/lib/auth/actor";
import { actorOfAction, visitorOfAction } from "@/lib/auth/current-actor";
import type { Visitor } from "@/lib/auth/visitor";
import { assertKeepable } from "@/lib/db/keepable";
import { refusalOf } from "@/lib/db/refusal";
import { type ActionResult, AppError, type Refusal } from "@/lib/errors";
import { log } from "@/lib/log";

/** A server action: called with the input, or with a form's data (alone, or after the state of `useActionState`). */
export type Action<Input, Value> = {
  (input: Input | FormData): Promise<ActionResult<Value>>;
  (previous: unknown, form: FormData): Promise<ActionResult<Value>>;
};

/**
 * A command as a server action: `export const approve = action(approveRequestInput, approveRequest)`. The input is
 * parsed, the caller comes from the session, and a refusal is a result with its message, field and remedy. The page
 * below is read again when it went well.
 */
export function action<Schema extends z.ZodType, Value>(
  schema: Schema,
  command: (actor: PersonActor, input: z.output<Schema>) => Promise<Value>,
): Action<z.input<Schema>, Value> {
  return (first: unknown, second?: unknown) =>
    answer(async () => {
      const actor = await actorOfAction();
      const value = await command(actor, parseInput(schema, second ?? first));
      refresh();
      return value;
    });
}

/** The same for a question that changes nothing, as a preview: the page below stays as it is. */
export function readingAction<Schema extends z.ZodType, Value>(
  schema: Schema,
  query: (actor: PersonActor, input: z.output<Schema>) => Promise<Value>,
): Action<z.input<Schema>, Value> {
  return (first: unknown, second?: unknown) =>
    answer(async () => query(await actorOfAction(), parseInput(schema, second ?? first)));
}

/** The same for what somebody does before it is known who they are: signing in. */
export function visitorAction<Schema extends z.ZodType, Value>(
  schema: Schema,
  command: (visitor: Visitor, input: z.output<Schema>) => Promise<Value>,
): Action<z.input<Schema>, Value> {
  return (first: unknown, second?: unknown) =>
    answer(async () => command(await visitorOfAction(), parseInput(schema, second ?? first)));
}

/** Input for a command that parses it itself: checked here, so that what is wrong is named, and handed on as it was given. */
export function asGiven<Schema extends z.ZodType>(schema: Schema) {
  return z.custom<z.input<Schema>>().superRefine((given, context) => {
    const issue = schema.safeParse(given).error?.issues[0];
    if (issue) context.addIssue({ code: "custom", path: issue.path, message: issue.message });
  });
}

function parseInput<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const parsed = schema.safeParse(given instanceof FormData ? objectOf(given) : given);
  if (parsed.success) {
    assertKeepable(parsed.data);
    return parsed.data;
  }
  const issue = parsed.error.issues[0];
  throw new AppError("invalid", issue?.message ?? "This input is not valid.", { field: issue?.path.join(".") });
}

// A name that comes several times is a list, as with checkboxes. Next's own fields begin with $.
function objectOf(form: FormData): Record<string, unknown> {
  const names = [...new Set(form.keys())].filter((name) => !name.startsWith("$"));
  return Object.fromEntries(
    names.map((name) => {
      const values = form.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
}

async function answer<Value>(work: () => Promise<Value>): Promise<ActionResult<Value>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    unstable_rethrow(error);
    const refused = refusalOf(error);
    return { ok: false, refusal: refused ? factsOf(refused) : await bug(error) };
  }
}

function factsOf({ code, message, field, remedy, retryAfterSeconds }: AppError): Refusal {
  return { code, message, field, remedy, retryAfterSeconds };
}

// Only the reference goes to the browser; what happened is in the log under it.
async function bug(error: unknown): Promise<Refusal> {
  const reference = randomUUID().slice(0, 8);
  log().error({ err: error, reference, requestId: (await headers()).get("x-request-id") }, "an action failed");
  return {
    code: "bug",
    message: "Something went wrong here; it was not carried out.",
    remedy: `Try again. If it happens again, tell whoever runs Rollcall the reference ${reference}.`,
    reference,
  };
}
