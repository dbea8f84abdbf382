import { AppError } from "../errors";
import { csvLine } from "../lists/csv";
import type { Receipt } from "./receipt-schema";

/** In which form a receipt is handed out: with what proves it, or its lines for a spreadsheet. @throws AppError `invalid` */
export function receiptFormatOf(text: string | null): "json" | "csv" {
  if (text === null || text === "json" || text === "csv") return text ?? "json";
  throw new AppError("invalid", `A receipt has no format ${text.slice(0, 40)}.`, {
    field: "format",
    remedy: "Choose json or csv.",
  });
}

// Control characters, and those that turn or hide others in sight.
const hidden = /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** A receipt as JSON: one line an event, and every character that hides or turns others is written as its number. */
export function receiptJson({ receipt, digest, events, end }: Receipt): string {
  const parts = [
    `"receipt": ${JSON.stringify(receipt, null, 1)}`,
    `"digest": ${JSON.stringify(digest)}`,
    `"events": [\n${events.map((event) => JSON.stringify(event)).join(",\n")}\n]`,
    `"end": ${JSON.stringify(end)}`,
  ];
  return `{\n${parts.join(",\n")}\n}\n`.replace(hidden, (found) => (found === "\n" ? found : escaped(found)));
}

const titles = [
  ...["line", "kind", "what", "system", "status", "ordered", "acknowledged", "verified", "probed", "sign-in"],
  ...["lives on", "until", "to go", "kept until", "said by", "words", "detail", "event", "receipt", "digest"],
];

/** The lines of a receipt for a spreadsheet: nothing in it runs, and nothing hides. Each names the run and the digest. */
export function receiptCsv({ receipt, digest }: Receipt): string {
  const shown = (text: string | null) => text?.replace(hidden, (found) => (found === "\n" ? found : escaped(found)));
  const lines = receipt.lines.map((it) =>
    csvLine([
      ...[it.line, it.kind, shown(it.name), shown(it.system ?? "Rollcall"), it.status],
      ...[it.orderedAt, it.acknowledgedAt, it.verifiedAt, it.probedAt, it.signIn],
      ...[shown(it.outlives.map(({ what }) => what).join("; ")), it.outlives.map(({ until }) => until ?? "unknown")],
      ...[it.endsAt, it.keptUntil, shown(it.wordsBy), shown(it.words), shown(it.detail), it.event],
      ...[`O-${receipt.number}`, digest],
    ]),
  );
  return `\ufeff${csvLine(titles)}${lines.join("")}`;
}
