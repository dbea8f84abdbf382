import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { settings } from "./schema";
import { setUp } from "./set-up";

const steps = (user: string, more: object = {}) => setUp(settings.parse({ host: "db1", user, ...more }));

it("documents exactly the statements that it gives", () => {
  const guide = readFileSync(path.join(import.meta.dirname, "../../../docs/connectors/postgresql.md"), "utf8");
  const given = steps("rollcall_reader", { provisionUser: "rollcall_gives" }).flatMap(({ code }) => code ?? []);
  expect(given).toHaveLength(10);
  for (const code of given.filter((text) => !text.startsWith("hostssl"))) expect(guide).toContain(code);
});

it("says how to give access too, and nothing more, where no role is named for that", () => {
  expect(steps("rollcall_reader").at(-1)).toEqual({ text: expect.stringContaining("Role that gives access") });
});

it("quotes whatever name the role and the databases have", () => {
  const [make] = steps('x" SUPERUSER; --');
  expect(make?.code).toContain('CREATE ROLE "x"" SUPERUSER; --" LOGIN NOSUPERUSER');
  const hostile = steps("reader", { provisionUser: 'y" SUPERUSER; --' }).flatMap(({ code }) => code ?? []);
  expect(hostile.join("\n")).toContain('CREATE ROLE "y"" SUPERUSER; --" LOGIN NOSUPERUSER');
  const connect = steps("reader", { databases: "list", include: ['a"b', "c"] }).find(({ code }) =>
    code?.startsWith("GRANT CONNECT"),
  );
  expect(connect?.code).toBe(
    'GRANT CONNECT ON DATABASE "a""b" TO "reader";\nGRANT CONNECT ON DATABASE "c" TO "reader";',
  );
});
