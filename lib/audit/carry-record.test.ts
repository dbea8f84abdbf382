import { execFileSync } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer as createTcp } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createServer as createTls } from "node:tls";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { system } from "../auth/actor";
import { db, rows, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { resetEnv } from "../env";
import { startReceiver } from "../messages/test-receiver";
import { setClock } from "../time";
import { carryRecord } from "./carry-record";
import { createDestination, removeDestination } from "./create-destination";
import { listDestinations } from "./destination-queries";
import { record } from "./record";
import { sequenceEvents } from "./sequence-events";
import { signCheckpoint } from "./sign-checkpoint";
import { readNotes } from "./verify.mjs";
import { verifyRecord } from "./verify-record";

const worker = system("worker");
const folder = mkdtempSync(path.join(tmpdir(), "rollcall-anchors-"));
const drops: (() => Promise<void>)[] = [];
const stops: (() => void)[] = [];
let file = "";
let files = 0;
beforeEach(async () => {
  file = path.join(folder, `${++files}`, "checkpoints.jsonl");
  Object.assign(process.env, {
    ROLLCALL_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64"),
    ROLLCALL_ANCHOR_FILE: file,
    ROLLCALL_ALLOW_PRIVATE_TARGETS: "true",
  });
  drops.push((await freshDatabase()).drop);
  resetEnv();
});
afterEach(() => {
  setClock(null);
  for (const stop of stops.splice(0)) stop();
});
afterAll(async () => {
  for (const drop of drops) await drop();
  rmSync(folder, { recursive: true, force: true });
});

async function happen(count: number): Promise<void> {
  for (let i = 0; i < count; i++)
    await transaction((tx) => record(tx, worker, { action: "test.done", details: { i } }));
  await sequenceEvents();
  await signCheckpoint("atOnce");
}
const only = (kind: string) => listDestinations(worker).then((all) => all.find((one) => one.kind === kind));
const useFile = (to: string) => {
  process.env.ROLLCALL_ANCHOR_FILE = to;
  resetEnv();
};
// What failed is tried again some time later.
const later = () => setClock(new Date(Date.now() + files * 3_600_000));

test("each checkpoint is written to the anchor file once, and the file proves the log", async () => {
  await happen(2);
  await carryRecord(worker);
  await happen(3);
  await Promise.all([carryRecord(worker), carryRecord(worker)]);
  await carryRecord(worker);
  const notes = readNotes(readFileSync(file, "utf8"));
  expect(notes.map((note) => note.split("\n")[1])).toEqual(["2", "5"]);
  const given = { checkpoints: notes.map((note) => ({ note, source: file })) };
  expect(await verifyRecord(worker, given)).toMatchObject({ intact: true, checked: { size: 5, elsewhere: 2 } });
  expect(await only("file")).toMatchObject({ position: 5, behind: 0, failingSince: null, shown: file });
});

test("a full disk is said, tried again, and what it cut is neither believed nor in the way", async () => {
  useFile("/dev/full");
  await happen(2);
  await carryRecord(worker);
  expect(await only("file")).toMatchObject({
    position: 0,
    behind: 1,
    failuresInRow: 1,
    lastError: expect.stringContaining("ENOSPC"),
  });
  useFile(file);
  await carryRecord(worker);
  expect(await only("file")).toMatchObject({ position: 2, failingSince: null, failuresInRow: 0 });
  appendFileSync(file, '{"at":"2026-01-01T00:00:00Z","origin":"x","si');
  await happen(1);
  await carryRecord(worker);
  expect(readNotes(readFileSync(file, "utf8")).map((note) => note.split("\n")[1])).toEqual(["2", "3"]);
});

test("a third failure in a row is an event of the record, and so is its end", async () => {
  useFile("/dev/full");
  await happen(1);
  for (let n = 1; n <= 4; n++) {
    await carryRecord(worker);
    setClock(new Date(Date.now() + n * 600_000));
  }
  useFile(file);
  await carryRecord(worker);
  const told = await rows<{ action: string; outcome: string }>(
    "select action, outcome from audit_events where action like 'record_destination.%' order by id",
  );
  expect(told).toEqual([
    { action: "record_destination.failing", outcome: "failed" },
    { action: "record_destination.recovered", outcome: "allowed" },
  ]);
});

test("a database that is older than its anchor, or another one, writes nothing there and says so", async () => {
  await happen(4);
  await carryRecord(worker);
  const before = readFileSync(file, "utf8");
  await rows(
    "set session_replication_role = replica; delete from audit_checkpoints; delete from audit_sequence where position > 2; reset session_replication_role",
  );
  await db().auditDestination.updateMany({ data: { position: 0 } });
  await signCheckpoint("atOnce");
  await carryRecord(worker);
  expect((await only("file"))?.lastError).toContain(
    "holds a checkpoint over 4 events, and this database's newest is over 2",
  );
  writeFileSync(file, before.replaceAll("rollcall.internal", "elsewhere.example"));
  later();
  await carryRecord(worker);
  expect((await only("file"))?.lastError).toContain("holds the checkpoints of another log, elsewhere.example");
});

test("a webhook gets each checkpoint, signed, the same id at every try, and later ones after it answers again", async () => {
  const receiver = await startReceiver({ status: 500, body: "no" }, { status: 204 });
  stops.push(receiver.stop);
  await happen(2);
  const { signingSecret } = await createDestination(worker, {
    kind: "webhook",
    name: "hook",
    url: receiver.url,
    allowPrivateHost: true,
  });
  await happen(1);
  await carryRecord(worker);
  const failing = await only("webhook");
  expect(failing).toMatchObject({ behind: 2, failuresInRow: 1, lastError: "it answered 500: no" });
  await carryRecord(worker);
  expect(receiver.received).toHaveLength(1);
  later();
  await carryRecord(worker);
  const [first, again, second] = receiver.received;
  expect(receiver.received).toHaveLength(3);
  expect(again?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
  expect(second?.headers["webhook-id"]).not.toBe(first?.headers["webhook-id"]);
  const key = Buffer.from((signingSecret ?? "").replace("whsec_", ""), "base64");
  const signed = `${second?.headers["webhook-id"]}.${second?.headers["webhook-timestamp"]}.${second?.body}`;
  expect(second?.headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
  expect(JSON.parse(second?.body ?? "{}")).toMatchObject({
    type: "record.checkpoint",
    data: { note: expect.stringContaining("— ") },
  });
  expect(JSON.stringify(await rows("select settings, secrets from audit_destinations"))).not.toContain(signingSecret);
});

test("an S3-compatible store gets each checkpoint as an object, signed as AWS asks, and is never told to replace one", async () => {
  const receiver = await startReceiver({ status: 200 }, { status: 412 });
  stops.push(receiver.stop);
  const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
  const url = receiver.url.replace(/\/hook.*/, "");
  await createDestination(worker, {
    kind: "s3",
    name: "store",
    url,
    allowPrivateHost: true,
    bucket: "anchors",
    ...keys,
  });
  await happen(2);
  await happen(1);
  await carryRecord(worker);
  expect(await only("s3")).toMatchObject({ position: 4, behind: 0, shown: `${url}/anchors/rollcall/` });
  for (const put of receiver.received) expect(put.headers.authorization).toBe(signatureOf(put, keys));
  expect(receiver.received.map((put) => put.path)).toEqual([
    expect.stringMatching(/^\/anchors\/rollcall\/rollcall\.internal_record_[0-9a-f]{8}\/0000000000000003\.checkpoint$/),
    expect.stringMatching(/0000000000000004\.checkpoint$/),
  ]);
  expect(receiver.received[0]?.headers["if-none-match"]).toBe("*");
  expect(receiver.received[0]?.body).toMatch(/^rollcall\.internal.*\n3\n/);
});

// AWS Signature Version 4, from its description, by hand.
function signatureOf(
  put: { path: string; headers: NodeJS.Dict<string | string[]>; body: string },
  keys: { accessKeyId: string; secretAccessKey: string },
): string {
  const sha = (text: string) => createHash("sha256").update(text).digest("hex");
  const mac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const [, names = ""] = /SignedHeaders=([^,]+)/.exec(String(put.headers.authorization)) ?? [];
  const headers = names.split(";").map((name) => `${name}:${put.headers[name]}\n`);
  const canonical = ["PUT", put.path, "", headers.join(""), names, sha(put.body)].join("\n");
  expect(put.headers["x-amz-content-sha256"]).toBe(sha(put.body));
  const at = String(put.headers["x-amz-date"]);
  const scope = `${at.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const key = ["us-east-1", "s3", "aws4_request"].reduce<Buffer>(
    mac,
    mac(`AWS4${keys.secretAccessKey}`, at.slice(0, 8)),
  );
  const signature = mac(key, ["AWS4-HMAC-SHA256", at, scope, sha(canonical)].join("\n")).toString("hex");
  return `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}

test("a stream gets every event from where it began, at least once, in order, over failures", async () => {
  await happen(3);
  const receiver = await startReceiver({ status: 200 }, "cut", { status: 200 });
  stops.push(receiver.stop);
  await createDestination(worker, {
    kind: "http",
    name: "siem",
    url: receiver.url,
    allowPrivateHost: true,
    authorization: "Bearer abcdefgh",
  });
  await happen(600);
  await carryRecord(worker);
  expect(await only("http")).toMatchObject({ position: 503, failuresInRow: 1 });
  later();
  await carryRecord(worker);
  const numbers = receiver.received.map((one) =>
    one.body
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).metadata.sequence as number),
  );
  expect(numbers.map((batch) => [batch[0], batch.at(-1)])).toEqual([
    [4, 503],
    [504, 604],
    [504, 604],
  ]);
  expect(new Set(numbers.flat()).size).toBe(601);
  expect(receiver.received[2]?.headers).toMatchObject({
    "rollcall-first": "504",
    "rollcall-last": "604",
    authorization: "Bearer abcdefgh",
  });
  expect(await only("http")).toMatchObject({ position: 604, behind: 0, failingSince: null });
});

test("syslog gets RFC 5424 messages over TLS, framed by their length, and only from a server with a good certificate", async () => {
  const [key, ca] = certificate();
  let text = "";
  const server = createTls({ key, cert: ca }, (socket) => {
    socket.on("data", (part) => {
      text += part.toString("utf8");
    });
    socket.on("error", () => undefined);
  });
  const port = await new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
  );
  stops.push(() => server.close());
  const place = { kind: "syslog", host: "localhost", port, allowPrivateHost: true } as const;
  const { id } = await createDestination(worker, { ...place, name: "unknown signer" });
  await happen(2);
  await carryRecord(worker);
  expect((await only("syslog"))?.lastError).toContain("certificate that nobody known here signed");
  await removeDestination(worker, { id });
  await createDestination(worker, { ...place, name: "siem", ca });
  await happen(2);
  await carryRecord(worker);
  expect(await only("syslog")).toMatchObject({ behind: 0, failuresInRow: 0 });
  const frames = framesIn(text);
  // The removal of the first, the making of the second, and what happened since.
  expect(frames).toHaveLength(4);
  expect(frames.at(-1)).toMatch(
    /^<110>1 \d{4}-\d\d-\d\dT[\d:.]+Z \S+ rollcall - test\.done \[meta sequenceId="\d+"\] \ufeff\{"number":\d+,/,
  );
});

test("a syslog server that hangs up early is a failure, and the events are sent again", async () => {
  const server = createTcp((socket) => socket.destroy());
  const port = await new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
  );
  stops.push(() => server.close());
  await createDestination(worker, { kind: "syslog", host: "127.0.0.1", port, allowPrivateHost: true, name: "siem" });
  await happen(1);
  await carryRecord(worker);
  expect(await only("syslog")).toMatchObject({
    failuresInRow: 1,
    lastError: expect.stringContaining("broke the connection off"),
  });
});

test("the record is sent to no private address that was not allowed", async () => {
  await createDestination(worker, { kind: "syslog", host: "127.0.0.1", port: 6514, name: "inside" });
  await createDestination(worker, { kind: "webhook", name: "named", url: "https://localhost/x" });
  await happen(1);
  await carryRecord(worker);
  for (const kind of ["syslog", "webhook"]) expect((await only(kind))?.lastError).toContain("private address");
});

function framesIn(text: string): string[] {
  const frames: string[] = [];
  for (let rest = Buffer.from(text); rest.length > 0; ) {
    const space = rest.indexOf(" ");
    const length = Number(rest.subarray(0, space));
    frames.push(rest.subarray(space + 1, space + 1 + length).toString("utf8"));
    rest = rest.subarray(space + 1 + length);
  }
  return frames;
}

function certificate(): [string, string] {
  const [key, cert] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert, ...subject],
    { stdio: "ignore" },
  );
  return [readFileSync(key, "utf8"), readFileSync(cert, "utf8")];
}
