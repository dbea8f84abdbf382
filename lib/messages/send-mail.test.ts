import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { system } from "../auth/actor";
import { db, rows, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { resetEnv } from "../env";
import { minuteMs, now, plus, setClock } from "../time";
import { deliverMessage } from "./deliver-message";
import { sendMail } from "./send-mail";
import { sendMessage } from "./send-message";
import { openLink } from "./signed-link";
import { breakGlassUsed } from "./templates/break-glass";
import { requestWaiting } from "./templates/requests";
import { aRequest, channelTo, sendAndDeliver, startReceiver } from "./test-receiver";

let database: Awaited<ReturnType<typeof freshDatabase>>;
const stops: (() => void)[] = [];
beforeAll(async () => {
  process.env.ROLLCALL_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString("base64");
  process.env.NEXTAUTH_SECRET = "a secret of the tests";
  process.env.MAIL_FROM = "Rollcall <rollcall@example.com>";
  database = await freshDatabase();
});
afterAll(() => database.drop());
afterEach(() => {
  setClock(null);
  for (const stop of stops.splice(0)) stop();
  delete process.env.SMTP_URL;
  resetEnv();
});

type Received = { from: string; to: string[]; secure: boolean; user: string | undefined; raw: string };
type Refuse = (stage: "from" | "to" | "data") => number | undefined;

// A real mail server, with the certificate that smtp-server signs by itself.
async function mailServer(options: SMTPServerOptions = {}, refuse: Refuse = () => undefined) {
  const received: Received[] = [];
  const answer = (stage: "from" | "to" | "data", done: (error?: Error | null) => void) => {
    const code = refuse(stage);
    done(code ? Object.assign(new Error(`refused at ${stage}`), { responseCode: code }) : null);
  };
  const server = new SMTPServer({
    authOptional: true,
    onMailFrom: (_, __, done) => answer("from", done),
    onRcptTo: (_, __, done) => answer("to", done),
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on("data", (part) => parts.push(part));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom ? mailFrom.address : "",
          to: rcptTo.map(({ address }) => address),
          secure: session.secure,
          user: session.user,
          raw: Buffer.concat(parts).toString(),
        });
        answer("data", done);
      });
    },
    ...options,
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(() => server.close());
  return { received, port: (server.server.address() as AddressInfo).port };
}

function useServer(url: string): void {
  process.env.SMTP_URL = url;
  resetEnv();
}

async function person(name: string) {
  return db().user.create({ data: { name, email: `${name}-${Math.random().toString(36).slice(2)}@example.com` } });
}

const content = { as: "mail", text: "Hello", html: "<p>Hello</p>", thread: "request-1", preferences: null } as const;
const mail = { id: "0198-1", to: "ann@example.com", subject: "Hello", createdAt: new Date(0), content };
const message = requestWaiting(aRequest, { dueAt: null });
const tellAnn = async (userId: string) => sendAndDeliver((tx) => sendMessage(tx, { message, to: [{ userId }] }));
const header = (raw: string, name: string) => new RegExp(`^${name}: (.*(?:\r\n[ \t].*)*)`, "mi").exec(raw)?.[1];

test("a person gets one mail in text and HTML, with the headers that mail programs ask for", async () => {
  const server = await mailServer();
  useServer(`smtp://127.0.0.1:${server.port}?ignoreTLS=true`);
  const ann = await person("ann");
  const sent = await tellAnn(ann.id);
  const delivery = await db().delivery.findUniqueOrThrow({ where: { id: sent.deliveries[0] ?? "" } });
  expect(delivery).toMatchObject({ state: "sent", recipient: ann.email, lastStatus: 250 });
  const [{ raw, to, from } = { raw: "", to: [], from: "" }] = server.received;
  expect([from, to]).toEqual(["rollcall@example.com", [ann.email]]);
  expect(header(raw, "Message-ID")).toBe(`<${delivery.id}@localhost>`);
  expect(header(raw, "References")).toBe("<request-0198@localhost>");
  expect(header(raw, "Auto-Submitted")).toBe("auto-generated");
  expect(header(raw, "List-Unsubscribe")).toContain("/my-sessions#messages>");
  expect(raw).toContain("Content-Type: text/plain");
  expect(raw).toContain("Content-Type: text/html");
});

test("the link in a mail opens the page for its reader, and for nobody else", async () => {
  const server = await mailServer();
  useServer(`smtp://127.0.0.1:${server.port}?ignoreTLS=true`);
  const [ann, bob] = [await person("ann"), await person("bob")];
  await tellAnn(ann.id);
  const row = await db().delivery.findFirstOrThrow({ where: { userId: ann.id } });
  const text = (row.content as { text: string }).text;
  const token = new URL(/http\S+\/open\?link=\S+/.exec(text)?.[0] ?? "").searchParams.get("link") ?? "";
  const actor = {
    type: "person",
    identityId: null,
    name: "x",
    email: null,
    roles: [],
    sessionId: null,
    tokenId: null,
    authenticatedBy: "oidc",
    scopes: null,
    requestId: null,
  } as const;
  expect(await openLink({ ...actor, userId: ann.id }, token)).toEqual({ path: "/requests/0198" });
  await expect(openLink({ ...actor, userId: bob.id }, token)).rejects.toMatchObject({ code: "forbidden" });
});

test("a second try carries the same Message-ID and date", async () => {
  let refusals = 1;
  const server = await mailServer({}, (stage) => (stage === "data" && refusals-- > 0 ? 451 : undefined));
  useServer(`smtp://127.0.0.1:${server.port}?ignoreTLS=true`);
  const ann = await person("ann");
  const { deliveries } = await tellAnn(ann.id);
  setClock(plus(now(), minuteMs));
  await deliverMessage(system("worker"), { deliveryId: deliveries[0] ?? "" });
  expect(server.received).toHaveLength(2);
  for (const name of ["Message-ID", "Date"]) {
    const [first, second] = server.received.map(({ raw }) => header(raw, name));
    expect(first).toBeTruthy();
    expect(second).toBe(first);
  }
});

test("a name and a reason with line breaks add no header and no recipient", async () => {
  const server = await mailServer();
  useServer(`smtp://127.0.0.1:${server.port}?ignoreTLS=true`);
  const ann = await person("ann");
  const hostile = "Ann\r\nBcc: everybody@example.com\r\n\r\n<script>alert(1)</script>";
  const request = { ...aRequest, subject: hostile, reason: hostile };
  await sendAndDeliver((tx) =>
    sendMessage(tx, { message: requestWaiting(request, { dueAt: null }), to: [{ userId: ann.id }] }),
  );
  const [{ raw, to } = { raw: "", to: [] }] = server.received;
  expect(to).toEqual([ann.email]);
  expect(raw.split("\r\n\r\n")[0]).not.toMatch(/^bcc:/im);
  expect(raw.slice(raw.indexOf("<!doctype"))).not.toContain("<script>");
});

test("the server's encryption is used, with the user and password of the address", async () => {
  const server = await mailServer({
    authOptional: false,
    onAuth: (auth, _, done) =>
      auth.password === "p@ss word" ? done(null, { user: auth.username }) : done(new Error("wrong password")),
  });
  useServer(`smtp://rollcall:p%40ss%20word@127.0.0.1:${server.port}?tls.rejectUnauthorized=false`);
  expect(await sendMail(mail)).toMatchObject({ outcome: "sent" });
  expect(server.received).toMatchObject([{ secure: true, user: "rollcall" }]);
});

test("TLS from the first byte works, and a certificate that nobody signed is refused", async () => {
  const server = await mailServer({ secure: true });
  useServer(`smtps://127.0.0.1:${server.port}`);
  expect(await sendMail(mail)).toMatchObject({ outcome: "again", answer: expect.stringMatching(/certificate/i) });
  useServer(`smtps://127.0.0.1:${server.port}?tls.rejectUnauthorized=false`);
  expect(await sendMail(mail)).toMatchObject({ outcome: "sent" });
  expect(server.received).toMatchObject([{ secure: true }]);
});

test("where encryption is demanded, a server that has none gets no mail and no password", async () => {
  const server = await mailServer({ hideSTARTTLS: true, disabledCommands: ["STARTTLS"] });
  useServer(`smtp://rollcall:secret@127.0.0.1:${server.port}?requireTLS=true`);
  expect(await sendMail(mail)).toMatchObject({ outcome: "again" });
  expect(server.received).toEqual([]);
});

test("a wrong password is tried again later, and neither kept nor shown", async () => {
  const server = await mailServer({
    authOptional: false,
    onAuth: (auth, _, done) => done(new Error(`535 no ${auth.password}`)),
  });
  useServer(`smtp://rollcall:hunter2hunter2@127.0.0.1:${server.port}?tls.rejectUnauthorized=false`);
  const ann = await person("ann");
  const { deliveries } = await tellAnn(ann.id);
  const row = await db().delivery.findUniqueOrThrow({ where: { id: deliveries[0] ?? "" } });
  expect(row).toMatchObject({ state: "waiting", lastStatus: 535 });
  expect(row.lastAnswer).not.toContain("hunter2");
});

test.each([
  ["from", 550, "never"],
  ["to", 550, "never"],
  ["to", 450, "again"],
  ["data", 552, "never"],
  ["data", 421, "again"],
] as const)("a server that refuses at %s with %d: %s", async (stage, code, outcome) => {
  const server = await mailServer({}, (at) => (at === stage ? code : undefined));
  useServer(`smtp://127.0.0.1:${server.port}?ignoreTLS=true`);
  expect(await sendMail(mail)).toMatchObject({ outcome, status: code });
});

test.each(["takes the connection and says nothing", "greets and falls silent", "drips a byte now and then"])(
  "a mail server that %s is left at the deadline, and its connection closed",
  async (how) => {
    let open = 0;
    const server = createServer((socket) => {
      open++;
      socket.on("error", () => undefined);
      socket.on("close", () => open--);
      socket.resume();
      if (how.startsWith("greets")) socket.write("220 hello\r\n");
      const drip = how.startsWith("drips") ? setInterval(() => socket.write("2"), 20) : undefined;
      socket.on("close", () => clearInterval(drip));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    stops.push(() => server.close());
    useServer(`smtp://127.0.0.1:${(server.address() as AddressInfo).port}?ignoreTLS=true`);
    expect(await sendMail(mail, 250)).toMatchObject({
      outcome: "again",
      answer: expect.stringContaining("within 0.25 s"),
    });
    await expect.poll(() => open).toBe(0);
  },
);

test("a mail server that hangs holds up no webhook", async () => {
  const hanging = createServer(() => undefined);
  await new Promise<void>((resolve) => hanging.listen(0, "127.0.0.1", resolve));
  stops.push(() => hanging.close());
  const receiver = await startReceiver();
  stops.push(receiver.stop);
  useServer(`smtp://127.0.0.1:${(hanging.address() as AddressInfo).port}?ignoreTLS=true`);
  await channelTo("webhook", receiver.url);
  const ann = await person("ann");
  await transaction((tx) => sendMessage(tx, { message, to: [{ userId: ann.id }] }));
  const queues = await rows<{ queue: string }>(
    "select distinct q.queue_name as queue from graphile_worker._private_jobs j join graphile_worker._private_job_queues q on q.id = j.job_queue_id",
  );
  expect(queues.map(({ queue }) => queue.replace(/-.*/, "")).sort()).toEqual(["channel", "mail"]);
  await rows("update channels set enabled = false");
});

test("without a mail server nobody is told, and the caller learns it", async () => {
  const ann = await person("ann");
  const sent = await sendAndDeliver((tx) => sendMessage(tx, { message, to: [{ userId: ann.id }] }));
  expect(sent).toEqual({ deliveries: [], notTold: [{ person: ann.id, because: "no_mail_server" }] });
});

test("who turned such mails off gets none, but what is dangerous comes all the same", async () => {
  const server = await mailServer();
  useServer(`smtp://127.0.0.1:${server.port}?ignoreTLS=true`);
  const ann = await person("ann");
  await db().messagePreference.create({ data: { userId: ann.id, event: "request.waiting", email: false } });
  await db().messagePreference.create({ data: { userId: ann.id, event: "break_glass.used", email: false } });
  expect((await tellAnn(ann.id)).notTold).toEqual([{ person: ann.id, because: "turned_off" }]);
  const grant = { id: "1", subject: "Bob", what: aRequest.what, endsAt: now(), path: "/access/1" };
  const used = breakGlassUsed(grant, { at: now(), reason: "fire", ticket: null, from: null, reviewDueAt: now() });
  await sendAndDeliver((tx) => sendMessage(tx, { message: used, to: [{ userId: ann.id }] }));
  expect(server.received).toHaveLength(1);
  expect(header(server.received[0]?.raw ?? "", "List-Unsubscribe")).toBeUndefined();
});

test("a disabled person is told nothing, and one person in several roles is told once", async () => {
  const server = await mailServer();
  useServer(`smtp://127.0.0.1:${server.port}?ignoreTLS=true`);
  const ann = await person("ann");
  const gone = await db().user.create({ data: { name: "gone", email: "gone@example.com", disabledAt: now() } });
  const identityId = "01980000-0000-7000-8000-00000000beef";
  const to = [{ userId: ann.id }, { identityId, email: ann.email?.toUpperCase() ?? null }, { userId: gone.id }];
  const sent = await sendAndDeliver((tx) => sendMessage(tx, { message, to }));
  expect(sent.deliveries).toHaveLength(1);
  expect(sent.notTold).toEqual([{ person: gone.id, because: "disabled" }]);
});
