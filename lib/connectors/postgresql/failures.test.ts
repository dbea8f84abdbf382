import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { hasDebianServer, startServer15, type TestServer } from "../../db/test-clusters";
import { resetEnv } from "../../env";
import { ConnectorError } from "../connector-error";
import { postgresql } from "./connector";
import { type Settings, settings } from "./schema";
import { done, type Impostor, lettingIn, message, oneText, ready, startImpostor } from "./test-impostor";

const impostors: Impostor[] = [];
afterEach(async () => {
  for (const impostor of impostors.splice(0)) await impostor.stop();
});

async function impostor(...greet: Parameters<typeof startImpostor>): Promise<number> {
  const started = await startImpostor(...greet);
  impostors.push(started);
  return started.port;
}

async function failure(
  overrides: Partial<Settings>,
  signal = new AbortController().signal,
  password = "canary-password",
): Promise<ConnectorError> {
  const context = {
    settings: settings.parse({
      host: "127.0.0.1",
      user: "ann",
      // Only who waits for a limit has a short one: a slow machine takes its time for all else.
      connectTimeoutSeconds: 60,
      statementTimeoutSeconds: 60,
      ...overrides,
    }),
    secrets: { password, provisionPassword: "" },
    signal,
    now: new Date("2026-11-21T12:00:00Z"),
  };
  const error = await Promise.resolve(postgresql.check?.(context)).then(
    (result) => new Error(`it worked: ${JSON.stringify(result)}`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ConnectorError)) throw error;
  expect(`${error.message} ${error.remedy} ${error.stack}`).not.toContain("canary");
  expect(error.remedy).toMatch(/\.$/);
  return error;
}

describe("what answers is no PostgreSQL, or not for long", () => {
  it("gives up a host that takes the connection and never answers", async () => {
    const port = await impostor(() => undefined);
    const error = await failure({ port, connectTimeoutSeconds: 1 });
    expect(error).toMatchObject({ code: "timeout", object: `127.0.0.1:${port}`, retryable: true });
    expect(error.message).toBe(`127.0.0.1:${port} did not answer in time`);
  });

  it("gives up one that hangs in the middle of signing in", async () => {
    const port = await impostor((socket) => void socket.once("data", () => socket.write("N")));
    expect(await failure({ port, connectTimeoutSeconds: 1 })).toMatchObject({ code: "timeout" });
  });

  it("stops at once when it is told to, in the middle of a statement that never ends", async () => {
    const controller = new AbortController();
    const port = await impostor(lettingIn(() => controller.abort(new Error("told to stop"))));
    const error = await failure({ port, statementTimeoutSeconds: 600 }, controller.signal);
    expect(error.cause).toBe(controller.signal.reason);
  });

  it("gives up a statement that the server neither answers nor ends", async () => {
    const port = await impostor(lettingIn(() => undefined));
    expect(await failure({ port, statementTimeoutSeconds: 1 })).toMatchObject({ code: "timeout", retryable: true });
  });

  it("says that a web server is none", async () => {
    const port = await impostor(
      (socket) => void socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
    );
    expect(await failure({ port })).toMatchObject({ code: "protocol", retryable: false });
  });

  it("refuses a server that is too old, in words", async () => {
    const port = await impostor(
      lettingIn((sql, socket) => socket.write(sql.startsWith("show") ? oneText("server_version_num", "90624") : done)),
    );
    const error = await failure({ port });
    expect(error.message).toBe("this is PostgreSQL 9; Rollcall reads 15 and later");
    expect(error.retryable).toBe(false);
  });

  it("cuts off a server that sends fifty megabytes in one field", async () => {
    const chunk = Buffer.alloc(1024 * 1024, 97);
    const pour = (socket: import("node:net").Socket, left: number): void => {
      if (left > 0 && !socket.destroyed) socket.write(chunk, () => pour(socket, left - 1));
    };
    const port = await impostor(
      lettingIn((sql, socket) => {
        if (!sql.startsWith("show")) return void socket.write(done);
        const answer = oneText("server_version_num", "x");
        const row = answer.indexOf("D");
        socket.write(answer.subarray(0, row));
        const head = message("D", Buffer.from([0, 1, 0, 0, 0, 0]));
        head.writeInt32BE(50 * chunk.length + 10, 1);
        head.writeInt32BE(50 * chunk.length, 7);
        socket.write(head);
        pour(socket, 50);
      }),
    );
    expect(await failure({ port, statementTimeoutSeconds: 60 })).toMatchObject({ code: "limit", retryable: false });
  });

  it("says that the server cut the connection", async () => {
    const port = await impostor(lettingIn((_, socket) => void socket.destroy()));
    expect(await failure({ port })).toMatchObject({ code: "unreachable", retryable: true });
  });

  it("names a row that is none", async () => {
    const port = await impostor(
      lettingIn((sql, socket) => socket.write(sql.startsWith("show") ? oneText("wrong", "1") : done)),
    );
    expect(await failure({ port })).toMatchObject({ code: "protocol" });
  });

  it("does not go on without encryption where it was asked for", async () => {
    const port = await impostor(lettingIn((_, socket) => socket.write(ready)));
    for (const sslmode of ["require", "verify-ca", "verify-full"] as const) {
      expect((await failure({ port, sslmode })).message).toBe(`127.0.0.1:${port} offers no encryption`);
    }
  });

  it("says that nothing listens, and that there is no such host", async () => {
    expect((await failure({ port: 1 })).message).toBe("nothing listens at 127.0.0.1:1");
    expect((await failure({ host: "no-such-host.invalid" })).message).toContain('no host named "no-such-host.invalid"');
  });

  it("refuses private addresses where the installation does", async () => {
    process.env.ROLLCALL_ALLOW_PRIVATE_TARGETS = "false";
    resetEnv();
    try {
      expect(await failure({ host: "localhost" })).toMatchObject({ code: "invalid", retryable: false });
    } finally {
      delete process.env.ROLLCALL_ALLOW_PRIVATE_TARGETS;
      resetEnv();
    }
  });
});

describe.skipIf(!hasDebianServer())("a real server with a certificate of its own", () => {
  let server: TestServer;
  let ca: string;
  beforeAll(async () => {
    const certificate = selfSigned();
    ca = certificate.cert;
    server = await startServer15({ ssl: certificate });
  });
  afterAll(() => server.stop());

  const sign = (overrides: Partial<Settings>) =>
    postgresql.check?.({
      settings: settings.parse({ host: "localhost", port: server.port, user: server.user, ...overrides }),
      secrets: { password: server.password, provisionPassword: "" },
      signal: new AbortController().signal,
      now: new Date("2026-11-21T12:00:00Z"),
    });

  it("does not trust a certificate that nobody vouches for", async () => {
    for (const sslmode of ["verify-ca", "verify-full"] as const) {
      const error = await failure({ host: "localhost", port: server.port, sslmode });
      expect(error.code).toBe("certificate");
      expect(error.message).toContain("does not verify");
    }
  });

  it("does not trust a certificate for another name, unless only the authority counts", async () => {
    const error = await failure({ port: server.port, sslmode: "verify-full", ca });
    expect(error.code).toBe("certificate");
    expect(error.message).toContain("for another name");
    expect((await sign({ host: "127.0.0.1", sslmode: "verify-ca", ca }))?.sees.join()).toContain("trusted certificate");
  });

  it("says how far the server proved who it is", async () => {
    expect((await sign({ sslmode: "verify-full", ca }))?.sees.join()).toContain("proved who it is");
    expect((await sign({ sslmode: "require", ca }))?.sees.join()).toContain("trusted certificate");
    expect((await sign({ sslmode: "prefer" }))?.sees.join()).toContain("did not have to prove");
    expect((await sign({ sslmode: "disable" }))?.sees.join()).toContain("not encrypted");
  });

  it("says that an authority's text is none", async () => {
    expect(
      await failure({ host: "localhost", port: server.port, sslmode: "verify-full", ca: "nonsense" }),
    ).toMatchObject({
      code: "certificate",
    });
  });

  it("says that a password is missing, and takes none that lies about", async () => {
    process.env.PGPASSWORD = server.password;
    try {
      const error = await failure({ port: server.port, user: server.user }, undefined, "");
      expect(error.message).toBe(`127.0.0.1:${server.port} asks "rollcall" for a password, and there is none`);
    } finally {
      delete process.env.PGPASSWORD;
    }
  });

  it("says that the password is wrong", async () => {
    const error = await failure({ port: server.port, user: server.user });
    expect(error).toMatchObject({ code: "credentials", retryable: false });
    expect(error.message).toBe(`127.0.0.1:${server.port} refused the password of "rollcall"`);
  });
});

function selfSigned(): { cert: string; key: string } {
  const folder = mkdtempSync(path.join(tmpdir(), "rollcall-certificate-"));
  try {
    const [key, cert] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"];
    const made = spawnSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        ...subject,
        "-keyout",
        key,
        "-out",
        cert,
      ],
      { encoding: "utf8" },
    );
    if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
    return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
