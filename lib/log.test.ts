import fc from "fast-check";
import { expect, test } from "vitest";
import { makeLog } from "./log";

function linesOf(write: (log: ReturnType<typeof makeLog>) => void): string[] {
  const lines: string[] = [];
  const log = makeLog("test", { write: (line) => void lines.push(line) });
  log.level = "info";
  write(log);
  return lines;
}

test("whatever a message holds, one event is one line and reads back as it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      const name = text.replace(/:\/\//g, "");
      const lines = linesOf((log) => log.info({ name }, "seen"));
      expect(lines).toHaveLength(1);
      expect(lines[0]?.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
      expect(JSON.parse(lines[0] ?? "").name).toBe(name.toWellFormed());
    }),
  );
});

test("secrets are hidden wherever they stand in what is logged", () => {
  const [line = ""] = linesOf((log) =>
    log.info({
      password: "canary-1",
      settings: { token: "canary-2", inner: { secret: "canary-3" } },
      err: new Error("connect postgresql://rollcall:canary-4@db:5432/rollcall failed"),
    }),
  );
  expect(line).not.toContain("canary");
  expect(line).toContain("postgresql://rollcall:[hidden]@db:5432");
});
