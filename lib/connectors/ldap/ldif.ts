import { ConnectorError } from "../connector-error";
import type { SourceFile } from "../contract";
import { parseDn } from "./dn";
import type { Entry, Value } from "./entry";

// LDAP Data Interchange Format (RFC 2849): entries as text.

/** An entry with the line its record begins in; or what was left out of one, and why. */
export type LdifEvent = { entry: Entry; line: number } | { problem: string; object: string; remedy: string };

// A photograph comes to some hundred thousand characters; nothing that is read comes near this.
const longestLine = 16_000_000;

type Line = { number: number; text: string };
type Record = { lines: Line[]; comments: string[] };

/**
 * The entries of a file as it streams by. Nothing is fetched: a value that is only named by a URL is left out.
 * @param wanted attributes to keep, in lower case; of the others nothing is decoded or kept
 * @throws ConnectorError for a file that is no LDIF, is cut off, or lists changes instead of entries
 */
export async function* parseLdif(file: SourceFile, wanted: ReadonlySet<string>): AsyncGenerator<LdifEvent> {
  let entries = 0;
  let announced: number | null = null;
  for await (const { lines, comments } of recordsOf(file)) {
    for (const comment of comments) {
      const said = /^# numEntries: (\d+)$/.exec(comment)?.[1];
      if (said !== undefined) announced = (announced ?? 0) + Number(said);
    }
    const [first] = lines;
    if (!first || isBesides(lines, file)) continue;
    entries++;
    yield* entryOf(lines, first, file, wanted);
  }
  // ldapsearch says at the end how many there were.
  if (announced !== null && announced !== entries)
    throw refused(file, `has ${entries} entries and says at its end that there were ${announced}`);
  if (entries === 0) throw refused(file, "has no entry: this is no LDIF");
}

function* entryOf(lines: Line[], first: Line, file: SourceFile, wanted: ReadonlySet<string>): Generator<LdifEvent> {
  const named = attributeOf(first, file);
  if (named.name !== "dn") throw refused(file, `line ${first.number} should begin an entry with “dn:”`);
  const dn = textOf(named, first, file);
  if (parseDn(dn) === null || dn === "") {
    const remedy = "Export the directory again; or correct the line.";
    yield {
      problem: `line ${first.number} has no distinguished name; the entry is left out`,
      object: dn.slice(0, 200),
      remedy,
    };
    return;
  }
  const attributes = new Map<string, Value[]>();
  for (const line of lines.slice(1)) {
    const { name, kind, raw } = attributeOf(line, file);
    if (name === "changetype" && raw.trim() !== "add") throw listsChanges(file, line);
    if (!wanted.has(name)) continue;
    if (kind === "url") {
      const remedy = "Export the directory with its values in the file.";
      yield {
        problem: `line ${line.number}: ${name} is in another file, which is not fetched; it is left out`,
        object: dn,
        remedy,
      };
      continue;
    }
    const values = attributes.get(name) ?? [];
    values.push(kind === "base64" ? decoded(raw, line, file) : raw);
    attributes.set(name, values);
  }
  yield { entry: { dn, attributes }, line: first.number };
}

// What ldapsearch writes beside entries: its number and result, and where else to look.
function isBesides(lines: Line[], file: SourceFile): boolean {
  const words = lines.map(({ text }) => text.split(":", 1)[0]?.toLowerCase());
  if (words[0] === "dn") return false;
  const result = lines.find(({ text }) => /^result: /.test(text))?.text ?? "result: 0";
  if (!/^result: 0\b/.test(result))
    throw refused(file, `is what came before the search failed with “${result.slice(8)}”`);
  return words.every((word) =>
    ["version", "search", "result", "ref", "control", "text", "matcheddn"].includes(word ?? ""),
  );
}

type Attribute = { name: string; kind: "text" | "base64" | "url"; raw: string };

function attributeOf({ number, text }: Line, file: SourceFile): Attribute {
  const match = /^([A-Za-z0-9.-]+)((?:;[A-Za-z0-9=.*-]+)*):([:<]?) *([\s\S]*)$/.exec(text);
  if (!match) throw refused(file, `line ${number} is none of an entry: it has no name and colon`);
  const [, name = "", , mark, raw = ""] = match;
  return { name: name.toLowerCase(), kind: mark === ":" ? "base64" : mark === "<" ? "url" : "text", raw };
}

function textOf({ kind, raw }: Attribute, line: Line, file: SourceFile): string {
  if (kind === "text") return raw;
  const value = kind === "base64" ? decoded(raw, line, file) : null;
  return typeof value === "string" ? value : "";
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decoded(raw: string, { number }: Line, file: SourceFile): Value {
  const text = raw.replaceAll(" ", "");
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text))
    throw refused(file, `line ${number} is not in base64 as it says: the file is cut off or damaged`);
  const bytes = Buffer.from(text, "base64");
  try {
    return utf8.decode(bytes);
  } catch {
    return bytes;
  }
}

/** Records are parted by empty lines; a line that begins with a space goes on the one before. */
async function* recordsOf(file: SourceFile): AsyncGenerator<Record> {
  let record: Record = { lines: [], comments: [] };
  for await (const line of foldedLines(file)) {
    if (line.text.startsWith("#")) record.comments.push(line.text);
    // The version may stand right before the first entry.
    else if (/^version:/i.test(line.text) && record.lines.length === 0) continue;
    else if (line.text !== "") record.lines.push(line);
    else if (record.lines.length > 0 || record.comments.length > 0) {
      yield record;
      record = { lines: [], comments: [] };
    }
  }
  yield record;
}

async function* foldedLines(file: SourceFile): AsyncGenerator<Line> {
  let open: { number: number; parts: string[]; length: number } | null = null;
  for await (const { number, text } of plainLines(file)) {
    if (open && text.startsWith(" ")) {
      open.parts.push(text.slice(1));
      open.length += text.length;
      if (open.length > longestLine) throw tooLong(file, open.number);
      continue;
    }
    if (open) yield { number: open.number, text: open.parts.join("") };
    open = { number, parts: [text], length: text.length };
  }
  if (open) yield { number: open.number, text: open.parts.join("") };
}

async function* plainLines(file: SourceFile): AsyncGenerator<Line> {
  const decoder = new TextDecoder("utf-8");
  // A line without an end in sight is kept in its pieces: joining it with each would take ever longer.
  let pieces: string[] = [];
  let waiting = 0;
  let number = 0;
  for await (const chunk of file.stream) {
    const [first = "", ...others] = decoder
      .decode(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)), { stream: true })
      .split("\n");
    pieces.push(first);
    waiting += first.length;
    if (waiting > longestLine) throw tooLong(file, number + 1);
    for (const next of others) {
      yield { number: ++number, text: pieces.join("").replace(/\r$/, "") };
      pieces = [next];
      waiting = next.length;
    }
  }
  // Every line of LDIF ends with a line break (RFC 2849: SEP), also the last.
  if ((pieces.join("") + decoder.decode()).trim() !== "")
    throw refused(file, "ends in the middle of a line: it was cut off");
}

function listsChanges(file: SourceFile, line: Line): ConnectorError {
  return refused(file, `lists changes, not entries (line ${line.number}: ${line.text.slice(0, 60)})`);
}

function refused(file: SourceFile, why: string): ConnectorError {
  return new ConnectorError("invalid", `${file.name} ${why}. Nothing was changed.`, {
    object: file.name,
    remedy: "Export the directory again, whole: slapcat, ldapsearch -LLL or ldifde.",
  });
}

function tooLong(file: SourceFile, number: number): ConnectorError {
  return new ConnectorError(
    "limit",
    `line ${number} of ${file.name} is longer than 16 million characters. Nothing was changed.`,
    {
      object: file.name,
      remedy: "Export the directory without photographs and other large values.",
    },
  );
}
