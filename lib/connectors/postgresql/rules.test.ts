import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { databaseId, inDatabase, withoutLastPart } from "./names";
import { enclosing, patternGrants, permissionsOn } from "./rules";

const fact = (type: string, externalId: string, attributes: Record<string, unknown> = {}) => {
  return { type, externalId, name: externalId, attributes };
};
const quote = (name: string) => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

describe("names", () => {
  it("keeps a plain database's name as it is, and quotes one that would pass for a longer id", () => {
    expect(inDatabase("app", "billing.invoices")).toBe("app/billing.invoices");
    expect(databaseId("my-app")).toBe("my-app");
    expect(databaseId('a/b"c')).toBe('"a/b""c"');
  });

  it("finds the table of any column, whatever dots and quotes its name has", () => {
    const name = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => !text.includes("\u0000"));
    fc.assert(
      fc.property(name, name, name, name, (database, schema, table, column) => {
        const of = inDatabase(database, `${quote(schema)}.${quote(table)}`);
        expect(withoutLastPart(`${of}.${quote(column)}`)).toBe(of);
      }),
    );
  });

  it("never gives two databases' objects one id", () => {
    const name = fc.stringMatching(/^[a/."]{1,4}$/);
    fc.assert(
      fc.property(name, name, name, name, (one, other, schema, otherSchema) => {
        fc.pre(one !== other);
        expect(inDatabase(one, quote(schema))).not.toBe(inDatabase(other, quote(otherSchema)));
      }),
    );
  });
});

describe("what patterns give", () => {
  const superuser = { rule: "superuser", server: 18 };
  const reader = { rule: "pg_read_all_data", server: 18, rowSecurity: false };
  const guarded = { rule: "pg_read_all_data", server: 18, rowSecurity: true };
  const writer = { rule: "pg_write_all_data", server: 18, rowSecurity: false };

  it("a superuser has every permission there is, MAINTAIN only where the server knows it", () => {
    for (const type of ["cluster", "database", "table", "parameter", "large_object"]) {
      expect(patternGrants(superuser, fact(type, "x"))).toEqual(permissionsOn(type));
    }
    expect(patternGrants({ ...superuser, server: 16 }, fact("table", "x"))).not.toContain("MAINTAIN");
  });

  it("reading all data is SELECT on whatever has rows and USAGE on schemas", () => {
    for (const type of ["table", "view", "materialized_view", "foreign_table", "sequence", "column"]) {
      expect(patternGrants(reader, fact(type, "app/a.b"))).toEqual(["SELECT"]);
    }
    expect(patternGrants(reader, fact("schema", "app/a"))).toEqual(["USAGE"]);
    expect(patternGrants(reader, fact("function", "app/a.f()"))).toEqual([]);
  });

  it("reading all data is conditional exactly where row-level security is on", () => {
    const table = fact("table", "app/a.b", { rowSecurity: true });
    expect([patternGrants(reader, table), patternGrants(guarded, table)]).toEqual([[], ["SELECT"]]);
    const plain = fact("table", "app/a.c");
    expect([patternGrants(reader, plain), patternGrants(guarded, plain)]).toEqual([["SELECT"], []]);
  });

  it("writing all data stops at the system catalogs", () => {
    expect(patternGrants(writer, fact("table", "app/a.b"))).toEqual(["INSERT", "UPDATE", "DELETE"]);
    expect(patternGrants(writer, fact("table", "app/pg_catalog.pg_class", { catalog: true }))).toEqual([]);
    expect(patternGrants(writer, fact("column", "app/pg_catalog.pg_class.relname"))).toEqual([]);
  });

  it("a pattern of another shape gives nothing", () => {
    expect(patternGrants({ rule: "s3:Get*" }, fact("table", "x"))).toEqual([]);
    expect(patternGrants({}, fact("table", "x"))).toEqual([]);
  });
});

describe("enclosing", () => {
  it("a column is decided by its table too, whatever kind of relation that is", () => {
    expect(enclosing({ type: "column", id: 'app/a."b.c".d' })).toContainEqual({ type: "view", id: 'app/a."b.c"' });
  });

  it("a relation that is asked for as a table may be a view", () => {
    const others = enclosing({ type: "table", id: "app/a.v" });
    expect(others).toContainEqual({ type: "view", id: "app/a.v" });
    expect(others).not.toContainEqual({ type: "table", id: "app/a.v" });
  });

  it("nothing else decides on a schema", () => expect(enclosing({ type: "schema", id: "app/a" })).toEqual([]));
});
