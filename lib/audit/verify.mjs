#!/usr/bin/env node
// Checks an export of Rollcall's record, alone: no network, no packages, nothing but Node.js 20.12 or later.
//   node verify.mjs [FOLDER] [--checkpoint FILE]... [--key KEY]... [--json]
//   node verify.mjs FILE …    of a choice of events (what a filter showed), each with its path to the root; or of a receipt
// Exit 0: intact. 1: something is wrong, and the report says what and where. 2: it could not be read.
//
// Path: from the leaf to the root, RFC 9162, 2.1.3.2; from an earlier checkpoint to a later one, 2.1.4.2.
// Leaf: SHA-256(0x00 || canonical JSON of "leaf"). Node: SHA-256(0x01 || left || right). (RFC 6962, 2.1; RFC 8785)
// Part: SHA-256(salt || canonical JSON of its values), in hex in the leaf under the part's name.
// Checkpoint: https://c2sp.org/tlog-checkpoint, a signed note (https://c2sp.org/signed-note) with Ed25519.
import { createPublicKey, hash, verify } from "node:crypto";
import { closeSync, createReadStream, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";

const sha256 = (bytes) => hash("sha256", bytes, "buffer");
const pair = Buffer.alloc(65, 1);
const hashNode = (left, right) => {
  pair.set(left, 1);
  pair.set(right, 33);
  return sha256(pair);
};
const parts = ["who", "target", "content"];

/** RFC 8785: names sorted by UTF-16 code units, no white space, numbers and strings as JavaScript writes them. */
export function canonical(value) {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  let text = "";
  for (const name of Object.keys(value).sort())
    text += `${text === "" ? "{" : ","}${JSON.stringify(name)}:${canonical(value[name])}`;
  return text === "" ? "{}" : `${text}}`;
}

/** Follows a log event by event and compares its root with every checkpoint it passes. */
export class LogCheck {
  /** @param log { origin, keys, from, frontier } with keys as verifier keys, @param given what is trusted beforehand */
  constructor(log, given = {}) {
    this.size = (log.from ?? 1) - 1;
    this.stack = (log.frontier ?? []).map((hash) => Buffer.from(hash, "hex"));
    this.first = this.size;
    this.origin = log.origin;
    this.keys = trustedKeys(log.keys, given.keys ?? []);
    this.faults = [];
    this.checked = { size: this.size, checkpoints: 0, elsewhere: 0, elsewhereSize: 0 };
    this.waiting = new Map();
    this.broken = false;
    this.earlier = null;
    /** Called with each subtree over 256, 65,536 … leaves that is whole. */
    this.onWhole = null;
    if (given.keys?.length && this.keys.length === 0)
      this.fault("key", null, "None of the keys you gave is a key of this log, or is endorsed by one.");
  }

  fault(what, number, message) {
    this.faults.push({ what, number, message });
  }

  /** Takes a checkpoint to compare with later; `source` is where it was kept, null when it came with the log. */
  expect(note, source = null) {
    const name = source ?? "a checkpoint kept with the log";
    const [text, why] = openNote(note, this.keys, this.origin);
    if (text === null) return this.fault("checkpoint", null, `${name}: ${why}`);
    const [, size, root] = text.split("\n");
    const one = { size: Number(size), root, source, name };
    if (one.size === this.size && this.size > 0) this.compare(one);
    else if (one.size > this.size) this.waiting.set(one.size, [...(this.waiting.get(one.size) ?? []), one]);
    else if (source && one.size > 0) this.earlier = one;
  }

  /** Takes the leaf hash of the next event. */
  push(hash) {
    let width = 1;
    for (let rest = this.size; rest % 2 === 1; rest = (rest - 1) / 2) {
      hash = hashNode(this.stack.pop(), hash);
      width *= 2;
      if (this.onWhole && width % 255 === 1) this.onWhole(width, this.size + 1, hash);
    }
    this.stack.push(hash);
    this.size++;
    const due = this.waiting.get(this.size);
    if (!due) return;
    this.waiting.delete(this.size);
    for (const one of due) this.compare(one);
  }

  root() {
    return this.stack.length === 0 ? sha256("") : this.stack.reduceRight((right, left) => hashNode(left, right));
  }

  compare(one) {
    if (this.root().toString("base64") === one.root) return this.count(one);
    const from = this.checked.size + 1;
    const where =
      from === one.size
        ? `Event ${from} is not the one`
        : `Among events ${from} to ${one.size} are some that are not those`;
    if (!this.broken || one.source)
      this.fault("not_signed", from, `${where} that were signed (${one.name}, ${one.size} events).`);
    this.broken = true;
  }

  count(one) {
    this.checked.checkpoints++;
    if (one.source) this.checked.elsewhere++;
    if (one.source) this.checked.elsewhereSize = Math.max(this.checked.elsewhereSize, one.size);
    if (!this.broken) this.checked.size = Math.max(this.checked.size, one.size);
  }

  /** Ends the check: checkpoints that were not reached are of events that are gone. */
  finish() {
    const [furthest] = [...this.waiting.values()].flat().sort((a, b) => b.size - a.size);
    if (furthest) {
      const { size, name } = furthest;
      const from = this.checked.size + 1;
      const gone = `${size - this.size} of the events from ${from} to ${size} are missing, the newest or others`;
      this.fault("cut_off", from, `The log ends at event ${this.size}, but ${name} was signed over ${size}: ${gone}.`);
    }
    // Of many that somebody kept some are older than a part of the record; with one that fits, these say nothing more.
    if (this.earlier && this.checked.elsewhere === 0) {
      const { name, size } = this.earlier;
      const begins = `this begins after them, at event ${this.first + 1}`;
      this.fault("not_compared", null, `${name} is over ${size} events, and ${begins}: it could not be compared.`);
    }
    return { size: this.size, checked: this.checked, faults: this.faults };
  }
}

/** The keys to believe: those given, and those that a believed key endorsed; where none is given, the log's own. */
function trustedKeys(keys = [], given) {
  const all = keys.map((one) => ({ ...readKey(one.verifierKey), endorsement: one.endorsement }));
  if (given.length === 0) return all;
  const trusted = given.map(readKey).filter(Boolean);
  for (const key of all) {
    if (trusted.some((one) => one.line === key.line) || !key.endorsement) continue;
    const [text] = openNote(key.endorsement, trusted, null);
    if (text === `rollcall key succession\n${key.line}\n`) trusted.push(key);
  }
  return trusted.filter((key) => all.some((one) => one.line === key.line));
}

function readKey(line) {
  const [, name, id, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(line ?? "") ?? [];
  if (!name) throw new Error(`this is no verifier key: ${line}`);
  const bytes = Buffer.from(encoded, "base64");
  const isRight =
    bytes.length === 33 &&
    bytes[0] === 1 &&
    sha256(Buffer.concat([Buffer.from(`${name}\n`), bytes]))
      .subarray(0, 4)
      .toString("hex") === id;
  if (!isRight) throw new Error(`this is no Ed25519 verifier key: ${line}`);
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), bytes.subarray(1)]);
  return { name, id, line, key: createPublicKey({ key: der, format: "der", type: "spki" }) };
}

/** [text, null] of a note that a known key signed, else [null, why not]. With an origin it has to be a checkpoint of it. */
function openNote(note, keys, origin) {
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n")) return [null, "This is no signed note, or it was cut."];
  const text = note.slice(0, end + 1);
  const [said, size] = text.split("\n");
  if (origin !== null && !/^(0|[1-9]\d{0,15})$/.test(size ?? "")) return [null, "This is no checkpoint."];
  if (origin !== null && said !== origin) return [null, `It is of another log: ${said}, not ${origin}.`];
  let known = 0;
  for (const line of note.slice(end + 2, -1).split("\n")) {
    const [, name, encoded] = /^\u2014 (\S+) ([A-Za-z0-9+/]+=*)$/.exec(line) ?? [];
    if (!name) return [null, "Its signature lines are not in the form of a signed note."];
    const bytes = Buffer.from(encoded, "base64");
    const key = keys.find((one) => one.name === name && one.id === bytes.subarray(0, 4).toString("hex"));
    if (!key) continue;
    if (!verify(null, Buffer.from(text), key.key, bytes.subarray(4)))
      return [null, "Its signature is wrong: it was altered, or signed by somebody else."];
    known++;
  }
  return known > 0 ? [text, null] : [null, "It is not signed by a key of this log."];
}

/** The leaf hash of a line of an export, and what does not fit in it. */
export function checkEntry({ leaf, salts, values, withheld }) {
  const wrong = [];
  let erased = 0;
  for (const part of parts) {
    if (values[part] === null) erased += withheld?.includes(part) ? 0 : 1;
    else if (digestOf(salts[part], canonical(values[part])) !== leaf[part]) wrong.push(part);
  }
  return { hash: sha256(`\0${canonical(leaf)}`), wrong, erased };
}

const ground = Buffer.alloc(65_536);

/** The digest of a part, in hex: over its salt and the canonical JSON of its values. */
export function digestOf(salt, values) {
  // A character takes three bytes at most.
  const bytes = values.length * 3 + 16 > ground.length ? Buffer.alloc(values.length * 3 + 16) : ground;
  const start = bytes.write(salt, 0, 16, "hex");
  return hash("sha256", bytes.subarray(0, start + bytes.write(values, start)), "hex");
}

/** Checks the export in a folder. @param given { keys, checkpoints: [{ note, source }] } from elsewhere */
export async function verifyExport(folder, given = {}, onProgress = () => undefined) {
  const log = JSON.parse(readFileSync(path.join(folder, "log.json"), "utf8"));
  const check = new LogCheck(log, given);
  for (const { note, source } of given.checkpoints ?? []) check.expect(note, source);
  const kept = readFileSync(path.join(folder, "checkpoints.jsonl"), "utf8");
  for (const line of kept.split("\n").filter(Boolean)) {
    const note = parse(line)?.note;
    if (typeof note === "string") check.expect(note);
    else check.fault("cut", null, "checkpoints.jsonl ends in the middle of a line, or holds one that cannot be read.");
  }
  const state = { lastAt: null, erased: 0, erasedByRecord: 0 };
  const files = readdirSync(path.join(folder, "events"))
    .filter((name) => name.endsWith(".jsonl"))
    .sort();
  for (const file of files) {
    const lines = createInterface({
      input: createReadStream(path.join(folder, "events", file)),
      crlfDelay: Number.POSITIVE_INFINITY,
    });
    for await (const line of lines) if (!takeLine(check, line, state)) break;
    onProgress(check.size);
    if (state.stopped) break;
  }
  if (!state.stopped && check.size < log.to)
    check.fault(
      "cut",
      check.size + 1,
      `The export ends after event ${check.size}; it was made of events ${log.from} to ${log.to}.`,
    );
  if (log.from === 1 && state.erased > state.erasedByRecord)
    check.fault(
      "erased",
      null,
      `${state.erased} parts of events were erased, and the record tells of ${state.erasedByRecord}.`,
    );
  // What comes after is perhaps there: that it was not checked is said.
  if (state.stopped) check.waiting.clear();
  const { size, checked, faults } = check.finish();
  // It is made to end at a checkpoint: whoever takes that out could write anything after the one before.
  const unsigned = Math.max(check.first, checked.size) + 1;
  if (faults.length === 0 && size === check.first) check.fault("cut", unsigned, "The export holds no events.");
  if (faults.length === 0 && size >= unsigned)
    check.fault(
      "not_signed",
      unsigned,
      `Events ${unsigned} to ${size} are under no signed checkpoint: anybody could have written them.`,
    );
  return {
    intact: faults.length === 0,
    from: log.from,
    size,
    lastAt: state.lastAt,
    checked,
    erased: state.erased,
    faults,
    keysGiven: (given.keys ?? []).length > 0,
    origin: log.origin,
  };
}

/** The root that a leaf and its path lead to in a log of `size`, in base64; null where the path does not fit. */
export function rootOfPath(hash, index, size, path) {
  let [at, last, root] = [index, size - 1, hash];
  if (index >= size) return null;
  for (const step of path) {
    const other = Buffer.from(step, "base64");
    if (last === 0 || other.length !== 32 || other.toString("base64") !== step) return null;
    if (at % 2 === 1 || at === last) {
      root = hashNode(other, root);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else root = hashNode(root, other);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 ? root.toString("base64") : null;
}

/** Does the log of `second` events with this root go on from that of `first` with that root? Roots in base64. */
export function isContinued({ first, firstRoot, second, secondRoot, path }) {
  const hashes = path.map((step) => Buffer.from(step, "base64"));
  let power = 1;
  while (power < first) power *= 2;
  if (power === first) hashes.unshift(Buffer.from(firstRoot, "base64"));
  let [at, last] = [first - 1, second - 1];
  while (at % 2 === 1) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  let [old, now] = [hashes[0], hashes[0]];
  for (const other of hashes.slice(1)) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      [old, now] = [hashNode(other, old), hashNode(other, now)];
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else now = hashNode(now, other);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && old?.toString("base64") === firstRoot && now?.toString("base64") === secondRoot;
}

/** Checks a choice of events, each by its own path, under one checkpoint that `finish` is told of. */
export class ChoiceCheck {
  constructor() {
    this.faults = [];
    this.roots = new Map();
    this.numbers = new Set();
    this.erased = 0;
    this.newest = 0;
    this.lastAt = null;
  }

  fault(what, number, message) {
    this.faults.push({ what, number, message });
  }

  /** Takes an event; what log it is of shows at the end. */
  take(entry, size) {
    const { number } = entry;
    if (!Number.isSafeInteger(number) || number < 1)
      return this.fault("cut", null, `What is said to be event ${number} has no place in a log.`);
    const { hash, wrong, erased } = checkEntry(entry);
    if (wrong.length > 0)
      this.fault("changed", number, `Event ${number} is not as it was written: ${wrong.join(", ")}.`);
    if (this.numbers.has(number)) this.fault("missing", number, `Event ${number} is there twice.`);
    this.numbers.add(number);
    this.newest = Math.max(this.newest, number);
    const root = rootOfPath(hash, number - 1, size, entry.path ?? []);
    const alike = this.roots.get(root);
    if (alike) alike.push(number);
    else this.roots.set(root, [number]);
    this.erased += erased;
    if (this.lastAt === null || entry.leaf.at > this.lastAt) this.lastAt = entry.leaf.at;
  }

  /** Ends the check. @param end what the events are said to be under @param given what is trusted beforehand */
  finish(end, given = {}) {
    const keys = trustedKeys(end.keys, given.keys ?? []);
    const checked = { size: 0, checkpoints: 0, elsewhere: 0, elsewhereSize: 0 };
    if (given.keys?.length && keys.length === 0)
      this.fault("key", null, "None of the keys you gave is a key of this log, or is endorsed by one.");
    const [text, why] = openNote(end.checkpoint, keys, end.origin);
    const [, size, root] = text?.split("\n") ?? [];
    if (text === null) this.fault("checkpoint", null, `the checkpoint that came with it: ${why}`);
    else if (Number(size) !== end.size) this.fault("checkpoint", null, "The checkpoint is of another size than said.");
    else Object.assign(checked, { size: end.size, checkpoints: 1 });
    for (const [found, numbers] of this.roots)
      if (found !== root)
        for (const number of numbers)
          this.fault("not_signed", number, `Event ${number} is not the one that was signed at its place.`);
    if (end.count !== this.numbers.size)
      this.fault("cut", null, `It was made of ${end.count} events, and ${this.numbers.size} are there.`);
    for (const { note, source } of given.checkpoints ?? []) {
      const size = this.compare({ note, source }, { ...end, keys, root }) ?? 0;
      checked.elsewhere += size > 0 ? 1 : 0;
      checked.elsewhereSize = Math.max(checked.elsewhereSize, size);
    }
    checked.checkpoints += checked.elsewhere;
    const { faults, erased, lastAt } = this;
    const about = { from: 1, size: this.numbers.size, newest: this.newest, chosen: true, origin: end.origin };
    return {
      intact: faults.length === 0,
      ...about,
      lastAt,
      checked,
      erased,
      faults,
      keysGiven: given.keys?.length > 0,
    };
  }

  /** The size of a checkpoint from elsewhere that agrees. */
  compare({ note, source }, end) {
    const [text, why] = openNote(note, end.keys, end.origin);
    if (text === null) return this.fault("checkpoint", null, `${source}: ${why}`);
    const [, said, root] = text.split("\n");
    const size = Number(said);
    const path = end.consistency?.[said];
    const isSame = size === end.size && root === end.root;
    const from = { first: size, firstRoot: root, second: end.size, secondRoot: end.root };
    if (isSame || size === 0 || (path && isContinued({ ...from, path }))) return size;
    if (path || size === end.size)
      return this.fault("not_signed", null, `${source} was signed over another log: events among its ${size} differ.`);
    const ask = size < end.size ? `from=${size}&size=${end.size}` : `from=${end.size}&size=${size}`;
    return this.fault(
      "not_compared",
      null,
      `${source} is over ${size} events, and this is under a checkpoint over ${end.size} that does not say how it goes on from that. Ask for that proof (GET /api/v1/audit/proof?${ask}), or for a new export.`,
    );
  }
}

/** Checks a file with a choice of events: a line each, and a last line with what they are under. */
export async function verifyChoice(file, given = {}) {
  const check = new ChoiceCheck();
  let last = "";
  for await (const line of linesOf(file)) last = line || last;
  const end = parse(last)?.end;
  if (!Number.isSafeInteger(end?.size) || typeof end.checkpoint !== "string" || typeof end.origin !== "string") {
    check.fault("cut", null, "The last line, which says what the events are under, is missing: the file was cut.");
    const nothing = { size: 0, checkpoints: 0, elsewhere: 0, elsewhereSize: 0 };
    const about = { from: 1, size: 0, newest: 0, chosen: true, origin: "", lastAt: null, erased: 0 };
    return { intact: false, ...about, checked: nothing, faults: check.faults, keysGiven: given.keys?.length > 0 };
  }
  let number = 0;
  for await (const line of linesOf(file)) {
    number++;
    const entry = parse(line);
    if (entry?.leaf && entry.values && entry.salts) check.take({ ...entry, withheld: [] }, end.size);
    else if (line !== "" && line !== last) check.fault("cut", null, `Line ${number} is cut or cannot be read.`);
  }
  return check.finish(end, given);
}

/** Checks a receipt of a leaving: that it is what the record says was handed out, and each of its events. */
export function verifyReceipt({ receipt, digest, events, end }, given = {}) {
  const check = new ChoiceCheck();
  for (const entry of events) check.take(entry, end.size);
  const at = new Map(events.map((entry) => [entry.number, entry]));
  const told = (entry) => entry?.values.content?.details ?? {};
  const isOf = (entry) => entry.leaf.targetType === "offboarding" && entry.leaf.targetId === receipt.id;
  if (digestOf("", canonical(receipt)) !== digest)
    check.fault("changed", null, "The receipt is not as it was handed out: its digest is another.");
  const taken = (entry) => entry.leaf.action === "offboarding.receipt_taken" && told(entry).digest === digest;
  if (!events.some((entry) => taken(entry) && isOf(entry)))
    check.fault("changed", null, "The record tells of no receipt with this digest.");
  let proven = 0;
  for (const { line, id, event, status } of receipt.lines) {
    if (event === null) continue;
    const entry = at.get(event);
    const fits = entry && isOf(entry) && told(entry).stepId === id;
    if (!fits) check.fault("missing", event, `Line ${line}: no event ${event} of this run tells of it.`);
    else if (status === "verified") proven++;
  }
  const report = check.finish(end, given);
  return { ...report, receipt: { number: receipt.number, lines: receipt.lines.length, proven } };
}

/** Checks a file: a choice of events, or a receipt. */
export async function verifyFile(file, given = {}) {
  const begin = Buffer.alloc(64);
  const opened = openSync(file, "r");
  readSync(opened, begin, 0, 64, 0);
  closeSync(opened);
  if (!/^\s*\{\s*"receipt"/.test(begin.toString("utf8"))) return verifyChoice(file, given);
  const one = parse(readFileSync(file, "utf8"));
  if (one?.receipt?.lines && Array.isArray(one.events) && one.end?.checkpoint) return verifyReceipt(one, given);
  throw new Error(`${file} is no whole receipt: it was cut, or cannot be read`);
}

function linesOf(file) {
  return createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
}

function takeLine(check, line, state) {
  const entry = parse(line);
  const number = check.size + 1;
  if (!entry?.leaf || !entry.values || !entry.salts) {
    check.fault(
      "cut",
      number,
      `The line of event ${number} is cut or cannot be read; what comes after it was not checked.`,
    );
    state.stopped = true;
    return false;
  }
  if (entry.number !== number) {
    check.fault(
      "missing",
      number,
      `Where event ${number} should be, there is ${entry.number}; what comes after it was not checked.`,
    );
    state.stopped = true;
    return false;
  }
  // Only a receipt withholds: of an export that says it does, somebody took the values out.
  const { hash, wrong, erased } = checkEntry({ ...entry, withheld: [] });
  if (wrong.length > 0)
    check.fault("changed", number, `Event ${number} is not as it was written: ${wrong.join(", ")}.`);
  check.push(hash);
  state.lastAt = entry.leaf.at;
  state.erased += erased;
  if (entry.leaf.action === "record.erased") state.erasedByRecord += entry.values.content?.details?.parts ?? 0;
  return true;
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** The signed notes in a file: one note alone, or JSON lines with a note each. A last line that was cut is left out. */
export function readNotes(text) {
  if (!text.trimStart().startsWith("{")) return [text];
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => parse(line)?.note)
    .filter((note) => typeof note === "string");
}

/** Text from what is checked, with nothing in it that moves, hides or turns what a terminal shows. */
function plain(text) {
  const code = (sign) => `\\u${sign.codePointAt(0).toString(16).padStart(4, "0")}`;
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, code);
}

/** The report in sentences. */
export function reportWords(report) {
  const { intact, checked, size, from, lastAt, faults, erased, keysGiven } = report;
  const lines = faults.slice(0, 20).map((fault) => fault.message);
  if (faults.length > 20) lines.push(`And ${faults.length - 20} more.`);
  if (intact && report.receipt) {
    const { number, lines: all, proven } = report.receipt;
    lines.push(
      `The receipt of O-${number} is what the record says was handed out: ${all} lines, ${proven} of them gone and proven by an event of their own.`,
    );
  }
  const stretch = from > 1 ? `Events ${from} to ${size} are` : `The record is`;
  if (intact && report.chosen)
    lines.push(
      `${size} events are in the record as it was signed${lastAt ? `, the newest of ${lastAt}` : ""}. That no other event belongs here is not proven by a choice: export a stretch for that.`,
    );
  else if (intact) lines.push(`${stretch} intact up to event ${size}${lastAt ? `, at ${lastAt}` : ""}.`);
  else if (
    checked.size >= from &&
    !report.faults.some((fault) => fault.number !== null && fault.number <= checked.size)
  )
    lines.push(`Up to event ${checked.size} it is as it was signed.`);
  lines.push(
    `${checked.checkpoints} checkpoints agree, ${checked.elsewhere} of them kept elsewhere; the newest is over ${checked.size} events.`,
  );
  if (intact && !report.chosen && checked.size < size)
    lines.push(`Events from ${checked.size + 1} on are newer than every checkpoint: no signature holds them yet.`);
  if (erased > 0)
    lines.push(
      `${erased} parts of events were erased on purpose: what they said is gone, that they were there is proven.`,
    );
  if (checked.elsewhere === 0)
    lines.push(
      "No checkpoint from elsewhere agreed: whoever keeps the database and the key could have made all of it anew, or cut off the newest events.",
    );
  else if (checked.elsewhereSize < (report.newest ?? size))
    lines.push(
      `Checkpoints from elsewhere hold it only up to event ${checked.elsewhereSize}: whoever keeps the database and the key could have made what came after anew.`,
    );
  if (!keysGiven)
    lines.push("The key came with the log itself: compare it with the one you were given, or give that with --key.");
  return lines.map(plain);
}

async function main(args) {
  const given = { keys: [], checkpoints: [] };
  let folder = ".";
  for (let at = 0; at < args.length; at++) {
    if (args[at] === "--key") given.keys.push(args[++at]);
    else if (args[at] === "--checkpoint") {
      const source = args[++at];
      if (source === undefined) throw new Error("--checkpoint needs a file");
      const notes = readNotes(readFileSync(source, "utf8"));
      if (notes.length === 0) throw new Error(`${source} holds no checkpoint`);
      given.checkpoints.push(...notes.map((note) => ({ note, source })));
    } else if (args[at] !== "--json") folder = args[at];
  }
  const isFile = statSync(folder).isFile();
  const report = isFile ? await verifyFile(folder, given) : await verifyExport(folder, given);
  process.stdout.write(args.includes("--json") ? `${JSON.stringify(report)}\n` : `${reportWords(report).join("\n")}\n`);
  return report.intact ? 0 : 1;
}

if (import.meta.url.endsWith("/verify.mjs") && process.argv[1]?.endsWith("verify.mjs"))
  main(process.argv.slice(2)).then(
    (code) => {
      process.exitCode = code;
    },
    (error) => {
      process.stderr.write(`verify.mjs: ${plain(error.message)}\n`);
      process.exitCode = 2;
    },
  );
