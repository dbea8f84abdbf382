import { afterEach, describe, expect, it } from "vitest";
import { resetEnv } from "../../env";
import { ConnectorError } from "../connector-error";
import { collect, observed } from "../contract-tests";
import { ldapRead } from "./test-context";
import { entry, found, type Impostor, lettingIn, result, startImpostor } from "./test-impostor";

const impostors: Impostor[] = [];
afterEach(async () => {
  for (const impostor of impostors.splice(0)) await impostor.stop();
});

type Greet = Parameters<typeof startImpostor>[0];

// Only who waits for a limit has a short one: a slow machine takes its time for all else.
const patient = { connectTimeoutSeconds: 60, requestTimeoutSeconds: 60 };

async function reading(greet: Greet, security: "plain" | "ldaps" | "starttls" = "plain", limits = patient) {
  const impostor = await startImpostor(greet);
  impostors.push(impostor);
  return ldapRead({ host: "127.0.0.1", port: impostor.port, security, bindDn: "cn=ann", ...limits }, "canary-password");
}

async function failure(
  greet: Greet,
  security?: "plain" | "ldaps" | "starttls",
  signal?: AbortSignal,
  limits: Partial<typeof patient> = {},
) {
  const read = await reading(greet, security, { ...patient, ...limits });
  const events: string[] = [];
  let thrown: unknown = null;
  try {
    for await (const event of read(signal ?? new AbortController().signal)) events.push(event.type);
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof ConnectorError)) throw thrown ?? new Error(`it worked: ${events}`);
  expect(events).not.toContain("ended");
  expect(`${thrown.message} ${thrown.remedy} ${thrown.stack}`).not.toContain("canary");
  return thrown;
}

const person = (id: number, uid: string) =>
  entry(id, `uid=${uid},dc=x`, { objectClass: "person", uid, entryUUID: uid });

describe("what answers is no directory, or not for long", () => {
  it.each(["plain", "ldaps", "starttls"] as const)(
    "gives up a host that takes the connection and says nothing (%s)",
    async (security) => {
      const error = await failure(() => undefined, security, undefined, { connectTimeoutSeconds: 1 });
      expect(error).toMatchObject({ code: "timeout", retryable: true });
      expect(error.message).toMatch(/^127\.0\.0\.1:\d+ did not answer in time$/);
    },
  );

  it("gives up one that hangs in the middle of a page", async () => {
    const hanging = lettingIn(({ id }, socket) => void socket.write(person(id, "ann")));
    const error = await failure(hanging, "plain", undefined, { requestTimeoutSeconds: 1 });
    expect(error).toMatchObject({ code: "timeout", object: "dc=x" });
  });

  it("says that the connection was cut in the middle of a read, and where", async () => {
    const error = await failure(
      lettingIn(({ id, search }, socket) => {
        if (search < 3) return void socket.write(Buffer.concat([person(id, "ann"), result(id, 0x65)]));
        socket.write(person(id, "ann"));
        socket.end();
      }),
    );
    expect(error).toMatchObject({ code: "unreachable", retryable: true, object: "dc=x" });
    expect(error.message).toContain('while "dc=x" was being read');
  });

  it("never signs in again as nobody when the connection ends between two pages", async () => {
    let binds = 0;
    const error = await failure((socket) => {
      binds++;
      lettingIn(({ id }) => socket.end(Buffer.concat([person(id, "ann"), result(id, 0x65, "more")])))(socket);
    });
    expect(error.code).toBe("unreachable");
    expect(binds).toBe(1);
  });

  it("says that a web server is none", async () => {
    const error = await failure(
      (socket) => void socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
    );
    expect(["protocol", "unreachable"]).toContain(error.code);
  });

  it("says that a port speaks no TLS", async () => {
    expect(
      (
        await failure(
          (socket) => void socket.once("data", () => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")),
          "ldaps",
        )
      ).code,
    ).toBe("certificate");
  });

  it("stops at once when it is told to", async () => {
    const controller = new AbortController();
    const error = await failure(
      lettingIn(() => controller.abort(new Error("told to stop"))),
      "plain",
      controller.signal,
    );
    expect(error.cause).toBe(controller.signal.reason);
  });

  it("cuts off a server that sends a hundred megabytes in one answer", async () => {
    const error = await failure(
      lettingIn(({ id }, socket) => {
        const large = entry(id, "uid=ann,dc=x", { objectClass: "person", uid: "x".repeat(1_000_000) });
        let left = 100;
        const pour = () => {
          while (left-- > 0) if (!socket.write(large)) return void socket.once("drain", pour);
        };
        pour();
      }),
    );
    expect(error).toMatchObject({ code: "limit" });
  });

  it("refuses an empty directory where there was one, instead of taking everybody for gone", async () => {
    const error = await failure(lettingIn(({ id }, socket) => void socket.write(result(id, 0x65))));
    expect(error).toMatchObject({
      code: "rights",
      object: "dc=x",
      remedy: expect.stringContaining("Nothing was changed"),
    });
  });
});

describe("pages", () => {
  it("goes on after an empty page that is not the last", async () => {
    const read = await reading(
      lettingIn(({ id, search }, socket) => {
        const isAccounts = search === 1 || search === 5;
        if (search === 2 || search === 6) return void socket.write(result(id, 0x65, "third"));
        if (isAccounts)
          return void socket.write(
            found(id, "uid=ann,dc=x", { objectClass: "person", entryUUID: "a", uid: "ann" }, "second"),
          );
        if (search === 3 || search === 7)
          return void socket.write(found(id, "uid=bo,dc=x", { objectClass: "person", entryUUID: "b", uid: "bo" }));
        socket.write(result(id, 0x65));
      }),
    );
    const items = observed(await collect(read));
    expect(items.flatMap((it) => (it.kind === "account" ? [it.name] : []))).toEqual(["ann", "bo"]);
  });

  it("refuses a server that begins again from the front", async () => {
    const error = await failure(
      lettingIn(
        ({ id }, socket) =>
          void socket.write(found(id, "uid=ann,dc=x", { objectClass: "person", uid: "ann" }, "again")),
      ),
    );
    expect(error).toMatchObject({ code: "protocol", message: expect.stringContaining("twice") });
  });

  it("refuses a server whose pages never end", async () => {
    const error = await failure(lettingIn(({ id }, socket) => void socket.write(result(id, 0x65, "more"))));
    expect(error).toMatchObject({ code: "protocol", message: expect.stringContaining("never end") });
  });
});

it("connects to no private address where this installation does not allow it", async () => {
  process.env.ROLLCALL_ALLOW_PRIVATE_TARGETS = "false";
  resetEnv();
  try {
    expect((await failure(() => undefined)).message).toContain("private address 127.0.0.1");
  } finally {
    delete process.env.ROLLCALL_ALLOW_PRIVATE_TARGETS;
    resetEnv();
  }
});
