import { pipeline, Readable, Transform } from "node:stream";
import type { ReadableStream as WebStream } from "node:stream/web";
import { z } from "zod";
import type { Actor } from "@/lib/auth/actor";
import { actorOfRequest } from "@/lib/auth/current-actor";
import { connectionName, environments } from "@/lib/connections/schema";
import type { SourceFile } from "@/lib/connectors/contract";
import { refusalOf } from "@/lib/db/refusal";
import { type ActionResult, AppError, statusOfCode } from "@/lib/errors";
import { log } from "@/lib/log";

const about = z.strictObject({
  connector: z.string().min(1).max(60),
  name: z.string().max(200),
  environment: z.enum(environments),
  isIdentitySource: z.boolean(),
  settings: z.record(z.string(), z.unknown()),
  mapping: z.record(z.string(), z.unknown()).nullable(),
  file: z.string().min(1).max(300),
});

/** A file on its way here, and what the form said of it. */
export type Upload = Omit<z.infer<typeof about>, "file"> & { file: SourceFile };

/** Answers a call whose body is a file: the caller from the session, a refusal as a result. */
export async function answerUpload<Value>(
  request: Request,
  work: (actor: Actor, upload: Upload) => Promise<Value>,
): Promise<Response> {
  const headers = { "cache-control": "private, no-store", "x-content-type-options": "nosniff" };
  try {
    const actor = await actorOfRequest(request);
    const result: ActionResult<Value> = { ok: true, value: await work(actor, uploadOf(request)) };
    return Response.json(result, { headers });
  } catch (error) {
    const refusal = refusalOf(error);
    if (!refusal) log().error({ err: error }, "an import failed");
    const { code, message, field, remedy } = refusal ?? bug;
    return Response.json(
      { ok: false, refusal: { code, message, field, remedy } },
      { status: code === "bug" ? 500 : statusOfCode[code], headers },
    );
  }
}

const bug = {
  code: "bug",
  message: "Something went wrong here; nothing was imported.",
  field: undefined,
  remedy: "Look into Rollcall's log, or try again.",
} as const;

function uploadOf(request: Request): Upload {
  const { file: fileName, ...rest } = parsed(request.headers.get("x-rollcall-file") ?? "");
  if (!request.body) throw new AppError("invalid", "There is no file in this call.", { field: "file" });
  const length = Number(request.headers.get("content-length"));
  const size = Number.isFinite(length) && length > 0 ? length : null;
  return {
    ...rest,
    file: {
      name: fileName,
      stream: wholeBody(Readable.fromWeb(request.body as WebStream), size),
      size,
    },
  };
}

// The body, which is an error when it ends before its length: half a file read as a whole one would remove the rest.
function wholeBody(body: Readable, size: number | null): Readable {
  let bytes = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(null, chunk);
    },
    flush(done) {
      done(size === null || bytes === size ? null : brokeOff());
    },
  });
  // Whoever reads hears of a body that breaks off; when nobody reads yet, it must not end the process.
  pipeline(body, counter, () => undefined);
  return counter;
}

function brokeOff(): AppError {
  return new AppError("invalid", "The file broke off on its way here; nothing was imported.", {
    field: "file",
    remedy: "Send it again. A proxy in between may limit how large a body may be.",
  });
}

function parsed(header: string): z.infer<typeof about> {
  let given: unknown;
  try {
    given = JSON.parse(decodeURIComponent(header));
  } catch (cause) {
    throw new AppError("invalid", "What the form says of the file cannot be read.", { cause });
  }
  const result = about.safeParse(given);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new AppError("invalid", issue?.path[0] === "mapping" ? "The mapping is not JSON." : (issue?.message ?? ""), {
    field: issue?.path.map(String).join("."),
  });
}

/** The name a connection is to have. @throws AppError `invalid`, of the field `name` */
export function nameOf({ name }: Upload): string {
  const result = connectionName.safeParse(name);
  if (result.success) return result.data;
  throw new AppError("invalid", result.error.issues[0]?.message ?? "", { field: "name" });
}
