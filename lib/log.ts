import pino from "pino";
import { env } from "./env";

const secretNames = ["password", "secret", "secrets", "token", "authorization", "cookie", "passwd", "DATABASE_URL"];

/** What has no place in a log line, wherever it stands in the logged object (two steps deep). */
const redacted = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

type Log = pino.Logger;

const kept = globalThis as typeof globalThis & { rollcallLog?: Log };

/**
 * The log of this process: one JSON object a line on standard error, so that standard output stays free for answers.
 * `part` names the process ("web", "worker", "start"); pass `requestId` in the object of a line that serves a request.
 */
export function log(): Log {
  kept.rollcallLog ??= makeLog(process.env.ROLLCALL_PART ?? "command", pino.destination({ dest: 2, sync: true }));
  return kept.rollcallLog;
}

/** A log that writes to `destination`. */
export function makeLog(part: string, destination: pino.DestinationStream): Log {
  return pino(
    {
      level: env().LOG_LEVEL,
      base: { part, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redacted, censor: "[hidden]" },
      serializers: { err: errorFacts },
    },
    { write: (line) => destination.write(harmless(line)) },
  );
}

// A driver may put the whole address of the database into its message, and a name may hold the characters that some
// readers of logs take for the end of a line or for its direction.
function harmless(line: string): string {
  return line
    .replace(/(\w+:\/\/[^\s:/@"\\]*:)[^\s@"\\]+@/g, "$1[hidden]@")
    .replace(
      /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
}

function errorFacts(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === "string" ? { code } : {}),
    stack: error.stack,
    ...(error.cause !== undefined && depth < 4 ? { cause: errorFacts(error.cause, depth + 1) } : {}),
  };
}
