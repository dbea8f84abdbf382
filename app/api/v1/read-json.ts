import { AppError } from "@/lib/errors";

/** A body that is refused before anybody reads what it says; each has its own HTTP status. */
export class BodyError extends Error {
  constructor(
    readonly status: 400 | 413 | 415,
    readonly code: "malformed" | "too_large" | "unsupported_media_type",
    message: string,
    readonly remedy: string,
  ) {
    super(message);
    this.name = "BodyError";
  }
}

const deepest = 32;

/**
 * The JSON body of a call. Reads no more than `limit` bytes, whatever Content-Length says.
 * Refuses what two readers could take differently: a name twice in one object, `__proto__`, bytes that are no UTF-8.
 * Where the body is `optional`, none at all is an empty object.
 * @throws BodyError
 */
export async function readJson(
  request: Request,
  { limit, optional }: { limit: number; optional: boolean },
): Promise<unknown> {
  if (!optional) assertJson(request);
  const bytes = await readBytes(request, limit);
  if (optional && bytes.byteLength === 0) return {};
  assertJson(request);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw malformed("The body is not UTF-8.");
  }
  return parseStrictJson(text);
}

function assertJson(request: Request): void {
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (type === "application/json") return;
  throw new BodyError(415, "unsupported_media_type", "The body must be JSON.", "Send Content-Type: application/json.");
}

async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  const tooLarge = () =>
    new BodyError(413, "too_large", `The body is larger than ${limit} bytes.`, "Send less at once, in several calls.");
  if (Number(request.headers.get("content-length") ?? 0) > limit) throw tooLarge();
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = request.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > limit) {
      await reader.cancel();
      throw tooLarge();
    }
    parts.push(value);
  }
  return Buffer.concat(parts);
}

/** Parses JSON; a name twice in one object, `__proto__`, or more than 32 levels is refused. @throws BodyError */
export function parseStrictJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw malformed(`The body is not JSON: ${cause instanceof Error ? cause.message : "it cannot be read"}.`);
  }
  assertNamesOnce(text);
  return value;
}

// The text is already known to be JSON, so that only strings, braces and brackets need to be told apart.
function assertNamesOnce(text: string): void {
  const open: (Set<string> | null)[] = [];
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [found] = match;
    if (found === "{" || found === "[") {
      open.push(found === "{" ? new Set() : null);
      if (open.length > deepest) throw malformed(`The body is nested deeper than ${deepest} levels.`);
    } else if (found === "}" || found === "]") open.pop();
    else if (isName(text, token.lastIndex)) addName(open.at(-1), JSON.parse(found));
  }
}

function isName(text: string, end: number): boolean {
  let at = end;
  while (/\s/.test(text.charAt(at))) at++;
  return text.charAt(at) === ":";
}

function addName(names: Set<string> | null | undefined, name: string): void {
  if (name === "__proto__") throw malformed('The name "__proto__" is not allowed.');
  if (names?.has(name)) throw malformed(`The name "${name.slice(0, 100)}" is there twice in one object.`);
  names?.add(name);
}

function malformed(message: string): BodyError {
  return new BodyError(400, "malformed", message, "Send one JSON object in UTF-8, each name once.");
}

/** The query of an address as an object; a name given twice is refused. @throws AppError `invalid` */
export function readQuery(search: URLSearchParams): Record<string, string> {
  const query = new Map<string, string>();
  for (const [name, value] of search) {
    // PostgreSQL has no text with it.
    if (`${name}${value}`.includes("\0")) {
      throw new AppError("invalid", "A parameter holds the character NUL.", { field: name.replaceAll("\0", "") });
    }
    if (query.has(name)) throw new AppError("invalid", `The parameter ${name} is given twice.`, { field: name });
    query.set(name, value);
  }
  return Object.fromEntries(query);
}
