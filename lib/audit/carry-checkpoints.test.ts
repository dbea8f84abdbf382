import { createHash, createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test, vi } from "vitest";
import { rows } from "../db/client";
import { startReceiver } from "../messages/test-receiver";
import { carryRecord } from "./carry-record";
import { createDestination } from "./create-destination";
import { listDestinations } from "./destination-queries";
import { happen, later, only, withDestinations, worker } from "./test-destinations";

const at = withDestinations();

test("a webhook gets each checkpoint, signed, the same id at every try, and later ones after it answers again", async () => {
  const receiver = await startReceiver({ status: 500, body: "no" }, { status: 204 });
  at.stops.push(receiver.stop);
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
  at.stops.push(receiver.stop);
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
  const time = String(put.headers["x-amz-date"]);
  const scope = `${time.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const key = ["us-east-1", "s3", "aws4_request"].reduce<Buffer>(
    mac,
    mac(`AWS4${keys.secretAccessKey}`, time.slice(0, 8)),
  );
  const signature = mac(key, ["AWS4-HMAC-SHA256", time, scope, sha(canonical)].join("\n")).toString("hex");
  return `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}

test("a place that hangs holds up no other, and an end of the worker does not count as its failure", async () => {
  const stuck = createServer(() => undefined);
  const port = await new Promise<number>((resolve) =>
    stuck.listen(0, "127.0.0.1", () => resolve((stuck.address() as AddressInfo).port)),
  );
  const receiver = await startReceiver({ status: 200 });
  at.stops.push(receiver.stop, () => stuck.close());
  const place = { kind: "webhook", allowPrivateHost: true } as const;
  await createDestination(worker, { ...place, name: "stuck", url: `http://127.0.0.1:${port}/x` });
  await createDestination(worker, { ...place, name: "well", url: receiver.url });
  await happen(1);
  const end = new AbortController();
  const carrying = carryRecord(worker, end.signal);
  const item = async (name: string) => (await listDestinations(worker)).find((one) => one.name === name);
  await vi.waitFor(async () => expect(await item("well")).toMatchObject({ behind: 0, failuresInRow: 0 }), 60_000);
  expect(await item("stuck")).toMatchObject({ behind: 1 });
  end.abort();
  await carrying;
  expect(await item("stuck")).toMatchObject({ behind: 1, failuresInRow: 0, failingSince: null });
});
