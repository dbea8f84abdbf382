import { isAscii, isUtf8 } from "node:buffer";
import { ConnectorError } from "./connector-error";
import type { SourceFile } from "./contract";

export const encodings = ["auto", "utf-8", "utf-16le", "utf-16be", "windows-1252"] as const;
export type Encoding = (typeof encodings)[number];

/** What was noticed while a file was decoded. */
export type TextFacts = {
  encoding: Exclude<Encoding, "auto"> | null;
  /** Number of the first line (from 1) with bytes that are no UTF-8 and were read as Windows-1252. */
  mixedFromLine: number | null;
};

const sampleBytes = 65_536;
// The rows of a piece are garbage before the collector takes them for something that stays.
const pieceBytes = 8_192;
const longestLine = 262_144;

/**
 * The text of a file, piece by piece, whatever it is encoded in; `facts` is filled in as it goes. Lines that are no
 * UTF-8 in a file without a mark are read as Windows-1252, which has a character for every byte that Latin-1 has.
 * @throws ConnectorError `invalid` when it is no text, or ends before its stated size.
 */
export async function* textOf(file: SourceFile, wanted: Encoding, facts: TextFacts): AsyncGenerator<string> {
  let decode: ((bytes: Buffer, last: boolean) => string) | null = null;
  let held: Buffer = Buffer.alloc(0);
  let size = 0;
  for await (const chunk of file.stream) {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (decode) {
      for (let at = 0; at < bytes.length; at += pieceBytes) yield decode(bytes.subarray(at, at + pieceBytes), false);
      continue;
    }
    held = Buffer.concat([held, bytes]);
    if (held.length < sampleBytes) continue;
    decode = decoderOf(held, wanted, facts, file.name);
    yield decode(held, false);
    held = Buffer.alloc(0);
  }
  decode ??= decoderOf(held, wanted, facts, file.name);
  if (file.size !== null && size < file.size) throw cutOff(file.name, size, file.size);
  yield decode(held, true);
}

function decoderOf(
  sample: Buffer,
  wanted: Encoding,
  facts: TextFacts,
  name: string,
): (bytes: Buffer, last: boolean) => string {
  refuseBinary(sample, name);
  const encoding = wanted === "auto" ? encodingOf(sample) : wanted;
  facts.encoding = encoding;
  if (encoding === "utf-8") return lineDecoder(facts);
  if (encoding === "windows-1252") return (bytes) => windows1252(bytes);
  const decoder = new TextDecoder(encoding);
  return (bytes, last) => decoder.decode(bytes, { stream: !last });
}

function encodingOf(sample: Buffer): Exclude<Encoding, "auto"> {
  if (sample[0] === 0xff && sample[1] === 0xfe) return "utf-16le";
  if (sample[0] === 0xfe && sample[1] === 0xff) return "utf-16be";
  // Without a mark: text in western scripts has its zero bytes on one side of each pair.
  const zeros = [0, 0];
  const length = Math.min(sample.length, 4_096);
  for (let index = 0; index < length; index++) if (sample[index] === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (odd > length / 5 && even < odd / 10) return "utf-16le";
  if (even > length / 5 && odd < even / 10) return "utf-16be";
  return "utf-8";
}

// What people upload instead of text, by its first bytes.
function refuseBinary(sample: Buffer, name: string): void {
  const first = sample.toString("latin1", 0, 4);
  const kind = first.startsWith("PK")
    ? "a ZIP file or an Excel workbook"
    : first.startsWith("\u001f\u008b")
      ? "compressed with gzip"
      : first.startsWith("\u00d0\u00cf\u0011\u00e0")
        ? "an old Excel workbook"
        : first.startsWith("%PDF")
          ? "a PDF"
          : null;
  if (kind === null) return;
  throw new ConnectorError("invalid", `${name} is ${kind}, not text.`, {
    object: name,
    remedy: "Unpack it, or save the sheet as CSV (UTF-8), and import that.",
  });
}

// UTF-8 in whole lines, so that a line in another encoding can be told from its neighbours and a character is never
// cut in two.
function lineDecoder(facts: TextFacts): (bytes: Buffer, last: boolean) => string {
  let carry: Buffer = Buffer.alloc(0);
  let line = 1;
  let isStart = true;
  return (bytes, last) => {
    const all = carry.length > 0 ? Buffer.concat([carry, bytes]) : bytes;
    const cut = last ? all.length : safeCut(all);
    const piece = all.subarray(0, cut);
    carry = Buffer.from(all.subarray(cut));
    let text: string;
    if (isAscii(piece)) text = piece.toString("latin1");
    else if (isUtf8(piece)) text = piece.toString("utf8");
    else text = decodeLines(piece, line, facts);
    if (facts.mixedFromLine === null) line += linesIn(text);
    if (isStart && text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    isStart = isStart && piece.length === 0;
    return text;
  };
}

// After the last line feed; in a very long line, before the last character that may be incomplete.
function safeCut(bytes: Buffer): number {
  const feed = bytes.lastIndexOf(10) + 1;
  if (feed > 0 || bytes.length < longestLine) return feed;
  let cut = bytes.length;
  while (cut > bytes.length - 4 && ((bytes[cut - 1] ?? 0) & 0xc0) === 0x80) cut--;
  return ((bytes[cut - 1] ?? 0) & 0xc0) === 0xc0 ? cut - 1 : bytes.length;
}

function decodeLines(piece: Buffer, firstLine: number, facts: TextFacts): string {
  const texts: string[] = [];
  let line = firstLine;
  for (let start = 0; start < piece.length; line++) {
    const feed = piece.indexOf(10, start);
    const end = feed < 0 ? piece.length : feed + 1;
    const bytes = piece.subarray(start, end);
    const whole = isUtf8(bytes);
    if (!whole) facts.mixedFromLine ??= line;
    texts.push(whole ? bytes.toString("utf8") : windows1252(bytes));
    start = end;
  }
  return texts.join("");
}

function windows1252(bytes: Buffer): string {
  return new TextDecoder("windows-1252").decode(bytes);
}

function linesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

/** The error for a file that is not all there. */
export function cutOff(name: string, size: number, expected: number): ConnectorError {
  return new ConnectorError("invalid", `${name} ends after ${size} of ${expected} bytes. Nothing was changed.`, {
    object: name,
    remedy: "Upload the file again.",
    retryable: true,
  });
}
