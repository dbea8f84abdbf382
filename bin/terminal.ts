import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { z } from "zod";
import { refusalOf } from "@/lib/db/refusal";
import { AppError, type ErrorCode, messageOf } from "@/lib/errors";

/** One line to standard output. What systems call things is hostile text: a name must not move the cursor. */
export function print(line: string): void {
  process.stdout.write(`${harmless(line)}\n`);
}

/** One JSON object on a line of its own. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Columns that line up; the last one may be of any length. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const clean = rows.map((row) => row.map(harmless));
  const columns = Math.max(0, ...clean.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(...clean.map((row) => [...(row[at] ?? "")].length)),
  );
  for (const row of clean) {
    const cells = row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)));
    process.stdout.write(`${cells.join("  ").trimEnd()}\n`);
  }
}

/** A line that is overwritten while work goes on; nothing where nobody watches. */
export function showProgress(line: string | null): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r\u001b[K${line === null ? "" : harmless(line).slice(0, (process.stderr.columns ?? 80) - 1)}`);
}

/** A word about what goes on, for a person: to standard error, and only on a terminal. */
export function tell(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${harmless(line)}\n`);
}

/** Control characters, escape sequences and marks of direction, each made visible. */
export function harmless(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Asks for a secret without showing it, or answers null where there is nobody to ask. */
export async function askSecret(question: string): Promise<string | null> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: silent, terminal: true });
  process.stderr.write(`${question}: `);
  try {
    return await new Promise<string>((resolve) => reader.question("", resolve));
  } finally {
    reader.close();
    process.stderr.write("\n");
  }
}

/** Asks a person for their yes; where there is nobody to ask, the command itself was the yes. */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return true;
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test(await new Promise<string>((resolve) => reader.question(`${question} [y/N] `, resolve)));
  } finally {
    reader.close();
  }
}

const wrongUse: readonly ErrorCode[] = ["invalid"];

/** Says on standard error why nothing was done and what to do about it. @returns the exit code. */
export function reportFailure(error: unknown, asJson: boolean): number {
  showProgress(null);
  const refusal = error instanceof z.ZodError ? ofZod(error) : refusalOf(error);
  const { code, message, remedy, field } = refusal ?? { code: "internal", message: messageOf(error) };
  if (asJson) process.stderr.write(`${JSON.stringify({ error: { code, message, field, remedy } })}\n`);
  else process.stderr.write(`rollcall: ${harmless([sentence(message), remedy].filter(Boolean).join(" "))}\n`);
  if (!refusal && process.env.ROLLCALL_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return refusal && wrongUse.includes(refusal.code) ? 2 : 1;
}

function ofZod(error: z.ZodError): AppError {
  const issue = error.issues[0];
  const field = issue?.path.map(String).join(".") ?? "";
  return new AppError("invalid", [field, issue?.message].filter(Boolean).join(": "), { field });
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
