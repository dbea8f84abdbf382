import { expect, type Page } from "./journey";
import type { Doors } from "./through-issuer";

/** A system as the product's API takes it. */
export type SystemToConnect = {
  name: string;
  connector: "postgresql" | "ldap";
  connection: { settings: Record<string, unknown>; secrets: Record<string, unknown> };
};

/** Says who works there: Mia leads Lev, unless told otherwise, and Sam is security. */
export async function importPeople(ada: Page, { product }: Doors, leads: "mia" | "tom" = "mia"): Promise<void> {
  const people = [
    ["Mia Ames", "mia@acme.test", ""],
    ["Lev Ames", "lev@acme.test", `${leads}@acme.test`],
    ["Tom Ames", "tom@acme.test", ""],
    ["Sam Ames", "sam@acme.test", ""],
  ];
  const file = ["name,email,manager email", ...people.map((row) => row.join(","))].join("\n");
  await importFile(ada, { product }, { name: "people", file });
}

/** Imports a CSV file that says who works there. */
export async function importFile(
  ada: Page,
  { product }: Pick<Doors, "product">,
  { name, file }: { name: string; file: string },
): Promise<void> {
  const about = {
    connector: "csv",
    name,
    environment: "production",
    isIdentitySource: true,
    settings: {},
    mapping: null,
    file: "people.csv",
  };
  const answer = await ada.request.post(`${product}/connections/import`, {
    headers: {
      origin: product,
      "content-type": "application/octet-stream",
      "x-rollcall-file": encodeURIComponent(JSON.stringify(about)),
    },
    data: Buffer.from(file),
  });
  expect(await answer.json()).toMatchObject({ ok: true });
}

/** Connects a system, and waits until it was read once. */
export async function connectSystem(ada: Page, { product }: Doors, system: SystemToConnect): Promise<void> {
  const made = await ada.request.post(`${product}/api/v1/connections`, {
    headers: { origin: product },
    data: { name: system.name, connector: system.connector, ...system.connection },
  });
  expect(made.status(), await made.text()).toBe(201);
  const { id } = await made.json();
  const status = async () =>
    (await (await ada.request.get(`${product}/api/v1/connections/${id}`)).json()).status as string;
  await expect.poll(status, { timeout: 60_000 }).toBe("current");
}

/** Nothing in a database says whose a role is, so a person does: it is theirs whose address begins like it. */
export async function matchAccount(ada: Page, connection: string, account: string): Promise<void> {
  await ada.goto(`/accounts?connection=${connection}&q=${account}`);
  await ada.getByRole("button", { name: `Match ${account}` }).click();
  const dialog = ada.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Identity" }).fill(`${account}@acme.test`);
  await dialog.getByRole("radio", { name: /Ames/ }).check();
  await dialog.getByRole("button", { name: "Match it" }).click();
  await expect(dialog).toHaveCount(0);
}
