import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { settings } from "./schema";
import { setUp } from "./set-up";

const steps = (user: string, more: object = {}) => setUp(settings.parse({ host: "db1", user, ...more }));

it("documents exactly the statements that it gives", () => {
  const guide = readFileSync(path.join(import.meta.dirname, "../../../docs/connectors/postgresql.md"), "utf8");
  for (const { code } of steps("rollcall_reader").slice(0, -1)) expect(guide).toContain(code);
});

it("quotes whatever name the role and the databases have", () => {
  const [make] = steps('x" SUPERUSER; --');
  expect(make?.code).toContain('CREATE ROLE "x"" SUPERUSER; --" LOGIN NOSUPERUSER');
  const connect = steps("reader", { databases: "list", include: ['a"b', "c"] }).find(({ code }) =>
    code?.startsWith("GRANT CONNECT"),
  );
  expect(connect?.code).toBe(
    'GRANT CONNECT ON DATABASE "a""b" TO "reader";\nGRANT CONNECT ON DATABASE "c" TO "reader";',
  );
});
