import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { AppError, type ErrorCode, messageOf } from "@/lib/errors";

/** What a command of a person asks the server for. */
export type Call = { method: "GET" | "POST"; path: string; query?: Record<string, string | undefined>; body?: unknown };

const problem = z.object({
  code: z.string(),
  detail: z.string(),
  remedy: z.string().optional(),
  errors: z.array(z.object({ field: z.string() })).optional(),
});

/** What a list answers, as far as the terminal shows it. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item) });
}

const timeoutMs = 30_000;
const tries = 4;

/**
 * Calls the API of the installation at ROLLCALL_URL as the person whose token ROLLCALL_TOKEN is. A call that changes
 * something has one Idempotency-Key for all its tries, so that a lost answer does nothing twice.
 * @throws AppError what the server refused with; `unavailable` when it cannot be reached; `unauthenticated`, `invalid`
 */
export async function callServer<Answer extends z.ZodType>(answer: Answer, call: Call): Promise<z.output<Answer>> {
  const url = addressOf(call);
  const init = {
    method: call.method,
    redirect: "error",
    headers: {
      authorization: `Bearer ${token()}`,
      "content-type": "application/json",
      ...(call.method === "POST" ? { "idempotency-key": randomUUID() } : {}),
    },
    body: call.method === "POST" ? JSON.stringify(call.body ?? {}) : undefined,
  } as const;
  for (let tried = 1; ; tried++) {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) }).catch((cause) =>
      unreachable(url, cause),
    );
    const last = tried === tries;
    if (!(response instanceof AppError) && (response.status !== 503 || last)) return answer.parse(await read(response));
    if (response instanceof AppError && last) throw response;
    await wait(250 * 2 ** tried);
  }
}

/** The address of a page of the installation, for a person to open. */
export function pageAddress(path: string): string {
  return addressOf({ method: "GET", path }).href.replace("/api/v1", "");
}

function addressOf({ path, query = {} }: Call): URL {
  const given = process.env.ROLLCALL_URL || process.env.NEXTAUTH_URL || `http://localhost:${process.env.PORT || 3000}`;
  const base = URL.canParse(given) ? new URL(given) : null;
  if (!base || !/^https?:$/.test(base.protocol))
    throw new AppError("invalid", `ROLLCALL_URL is no address: ${given}`, {
      field: "ROLLCALL_URL",
      remedy: "Set it to the address that people open, such as https://rollcall.example.com.",
    });
  const onThisMachine = ["localhost", "127.0.0.1", "[::1]"].includes(base.hostname);
  if (base.protocol === "http:" && !onThisMachine)
    throw new AppError("invalid", `A token is not sent to ${base.host} without encryption`, {
      field: "ROLLCALL_URL",
      remedy: "Use the https address.",
    });
  const url = new URL(`${base.pathname.replace(/\/$/, "")}/api/v1${path}`, base);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
  return url;
}

function token(): string {
  const given = process.env.ROLLCALL_TOKEN;
  if (given && /^[\x21-\x7e]+$/.test(given)) return given;
  throw new AppError("unauthenticated", "This is done as a person, and ROLLCALL_TOKEN says nothing of whom", {
    field: "ROLLCALL_TOKEN",
    remedy: "Have an administrator make you a personal token: rollcall token create --name terminal --for YOUR-E-MAIL",
  });
}

function unreachable(url: URL, cause: unknown): AppError {
  const reason = cause instanceof Error && cause.cause !== undefined ? messageOf(cause.cause) : messageOf(cause);
  return new AppError("unavailable", `Rollcall at ${url.origin} does not answer: ${reason || "no connection"}`, {
    remedy: "Start it, or set ROLLCALL_URL to where it is.",
    cause,
  });
}

async function read(response: Response): Promise<unknown> {
  const body: unknown = await response.json().catch(() => null);
  if (response.ok && body !== null) return body;
  const parsed = problem.safeParse(body);
  if (!parsed.success)
    throw new AppError(
      "unavailable",
      `${new URL(response.url).origin} answered ${response.status}, and not as Rollcall`,
      {
        remedy: "Look at whether ROLLCALL_URL leads to Rollcall.",
      },
    );
  const { code, detail, remedy, errors } = parsed.data;
  throw new AppError(codeOf(code), detail, { remedy, field: errors?.[0]?.field });
}

const codes: readonly ErrorCode[] = ["invalid", "unauthenticated", "forbidden", "not_found", "conflict", "limited"];

function codeOf(code: string): ErrorCode {
  return codes.find((known) => known === code) ?? "unavailable";
}
