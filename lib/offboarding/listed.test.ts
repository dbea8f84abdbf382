import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importFile } from "../connections/import-file";
import { db, rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { loadPolicies } from "../policies/load-policies";
import { worker } from "../requests/test-world";
import { disposeItem } from "./dispose-item";
import { findLeavers } from "./find-leavers";
import { previewOffboarding } from "./preview-queries";
import { startOffboarding } from "./start-offboarding";
import { itemsOf, runLeaving, runOf, stepsOf } from "./test-leaving";

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
  await loadPolicies(worker);
});
afterAll(() => database.drop());

async function importPeople(name: string, lines: readonly string[], isIdentitySource = true): Promise<string> {
  const bytes = Buffer.from(lines.join("\n"));
  const file = { name: `${name}.csv`, stream: Readable.from([bytes]), size: bytes.length };
  const { connectionId } = await importFile(worker, { connector: "csv", name, file, mapping: null, isIdentitySource });
  return connectionId;
}

const waits = async (id: string) => (await stepsOf(id)).filter(({ state }) => state === "needs_person");

test("a file that only lists people asks nobody to do anything by hand, and goes on listing them for a while", async () => {
  const people = ["name,email,department", "Ann Ames,ann@acme.test,Sales", "Bob Ames,bob@acme.test,Sales"];
  const connectionId = await importPeople("people", people);
  expect(await previewOffboarding(worker, { identity: "ann@acme.test" })).toMatchObject({
    accounts: [],
    listedIn: ["people"],
  });
  const { id } = await startOffboarding(worker, { identity: "ann@acme.test", reason: "resigned" });
  await runLeaving(id);
  expect(await stepsOf(id)).toEqual([]);
  expect(await runOf(id)).toMatchObject({ state: "closed", containedAt: expect.any(Date) });
  await importPeople("people", people);
  await findLeavers(worker, { connectionId });
  expect((await runOf(id)).state).toBe("closed");
  expect(await db().identity.findFirstOrThrow({ where: { email: "ann@acme.test" } })).toMatchObject({
    status: "disabled",
    leftAt: expect.any(Date),
  });
});

test("a file that lists groups as well lists accounts of a system, which a person shuts", async () => {
  await importPeople("wiki", ["name,email,groups", "Cara Ames,cara@acme.test,editors", "Dan Ames,dan@acme.test,"]);
  for (const identity of ["cara@acme.test", "dan@acme.test"]) {
    expect(await previewOffboarding(worker, { identity })).toMatchObject({
      accounts: [{ connection: "wiki", byHand: expect.stringMatching(/only read/) }],
      listedIn: [],
    });
    const { id } = await startOffboarding(worker, { identity, reason: "resigned" });
    await runLeaving(id);
    expect((await waits(id)).map(({ kind }) => kind)).toEqual(["account"]);
  }
});

test("accounts from a file that says of nobody whether they work here are accounts", async () => {
  await importPeople("till", ["name,email", "Bob Ames,bob@acme.test"], false);
  const { id } = await startOffboarding(worker, { identity: "bob@acme.test", reason: "resigned" });
  await runLeaving(id);
  expect((await waits(id)).map(({ name }) => name)).toEqual([expect.stringMatching(/in till$/)]);
});

test("a report that was handed over stays so until the list names another manager than who left", async () => {
  const staff = async (manager: string, ...more: string[]) => {
    const lines = ["Ida Ames,ida@acme.test,", "Jon Ames,jon@acme.test,", ...more];
    await importPeople("staff", ["name,email,manager", `Hal Ames,hal@acme.test,${manager}`, ...lines]);
    await db().connection.updateMany({ data: { brakeKindShare: 1, brakeAssignmentShare: 1 } });
    const hal = await db().identity.findFirstOrThrow({ where: { email: "hal@acme.test" }, include: { manager: true } });
    return hal.manager?.email ?? null;
  };
  const still = ["Gil Ames,gil@acme.test,", "Kit Ames,kit@acme.test,"];
  const handOn = async (from: string, to: string) => {
    await rows("update offboardings set created_at = created_at - interval '2 hours'");
    const { id } = await startOffboarding(worker, { identity: from, reason: "resigned" });
    await runLeaving(id);
    const item = (await itemsOf(id)).find(({ kind, name }) => kind === "report" && name === "Hal Ames");
    await disposeItem(worker, { id: item?.id ?? "", disposition: "hand_over", to });
  };
  expect(await staff("gil@acme.test", ...still)).toBe("gil@acme.test");
  await handOn("gil@acme.test", "kit@acme.test");
  expect(await staff("gil@acme.test", ...still)).toBe("kit@acme.test");
  await handOn("kit@acme.test", "ida@acme.test");
  expect(await staff("gil@acme.test", ...still)).toBe("ida@acme.test");
  expect(await staff("gil@acme.test")).toBe("ida@acme.test");
  expect(await staff("jon@acme.test")).toBe("jon@acme.test");
  expect(await staff("ida@acme.test")).toBe("ida@acme.test");
  expect(await staff("")).toBe(null);
});
