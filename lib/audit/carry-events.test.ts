import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer as createTcp } from "node:net";
import path from "node:path";
import { createServer as createTls } from "node:tls";
import { expect, test } from "vitest";
import { startReceiver } from "../messages/test-receiver";
import { carryRecord } from "./carry-record";
import { removeDestination } from "./change-destination";
import { createDestination } from "./create-destination";
import { happen, later, only, withDestinations, worker } from "./test-destinations";

const at = withDestinations();

test("a stream gets every event from where it began, at least once, in order, over failures", async () => {
  await happen(3);
  const receiver = await startReceiver({ status: 200 }, "cut", { status: 200 });
  at.stops.push(receiver.stop);
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
  at.stops.push(() => server.close());
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
  at.stops.push(() => server.close());
  await createDestination(worker, { kind: "syslog", host: "127.0.0.1", port, allowPrivateHost: true, name: "siem" });
  await happen(1);
  await carryRecord(worker);
  expect(await only("syslog")).toMatchObject({
    failuresInRow: 1,
    lastError: expect.stringContaining("broke the connection off"),
  });
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
  const [key, cert] = [path.join(at.folder, "key.pem"), path.join(at.folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert, ...subject],
    { stdio: "ignore" },
  );
  return [readFileSync(key, "utf8"), readFileSync(cert, "utf8")];
}
