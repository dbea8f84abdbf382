import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Browser, expect, type Page } from "@playwright/test";
import { startIssuer } from "./start-issuer";
import { startProduct } from "./start-product";
import { ownAccount, startTarget, type Target } from "./start-target";
import { type Doors, signedInAs } from "./through-issuer";

/** A company in which access is asked for: the product, the issuer that knows its people, and its PostgreSQL. */
export type Acme = { doors: Doors; target: Target; stop(): Promise<void> };

/** Starts all of it at once; then an administrator imports the people and connects the database. */
export async function startAcme(browser: Browser, port: number): Promise<Acme> {
  const doors = { product: `http://localhost:${port}`, issuer: `http://localhost:${port + 1}` };
  const policies = await mkdtemp(path.join(tmpdir(), "rollcall-policies-"));
  await writePolicies(policies);
  const env = {
    NEXTAUTH_URL: doors.product,
    OIDC_ISSUER: doors.issuer,
    OIDC_CLIENT_ID: "rollcall",
    OIDC_CLIENT_SECRET: "a-secret-of-the-test-only",
    OIDC_NAME: "Acme",
    ROLLCALL_POLICIES: policies,
  };
  const [issuer, target, product] = await Promise.all([
    startIssuer(port + 1, doors.product),
    startTarget(),
    startProduct({ port, env }),
  ]);
  const stop = async () => {
    await product.stop();
    await target.stop();
    await issuer.stop();
    await rm(policies, { recursive: true, force: true });
  };
  try {
    const ada = await signedInAs(browser, doors, "ada");
    await importPeople(ada, doors);
    await connect(ada, doors, target);
    await ada.context().close();
  } catch (error) {
    await stop();
    throw error;
  }
  return { doors, target, stop };
}

// Those that come with the product, and one more: salaries are looked at for a minute at most.
async function writePolicies(folder: string): Promise<void> {
  await cp("lib/policies/default", folder, { recursive: true });
  const rules = path.join(folder, "rules.yaml");
  const text = await readFile(rules, "utf8");
  const manager = /^ {2}manager:\n(?: {4}.*\n)+/m.exec(text)?.[0] ?? "";
  const aMinute = manager.replace("manager:", "a-minute:").replace("P90D", "PT1M");
  await writeFile(rules, text.replace(manager, manager + aMinute));
  await writeFile(
    path.join(folder, "salaries.cedar"),
    `@id("salaries")
@because("Salaries are looked at for a minute.")
@approval("a-minute")
permit (principal, action == Action::"request", resource)
when { resource.resource == "salary_readers" };
`,
  );
}

async function importPeople(ada: Page, { product }: Doors): Promise<void> {
  const about = {
    connector: "csv",
    name: "people",
    environment: "production",
    isIdentitySource: true,
    settings: {},
    mapping: null,
    file: "people.csv",
  };
  const people = [
    ["Mia Ames", "mia@acme.test", ""],
    ["Lev Ames", "lev@acme.test", "mia@acme.test"],
    ["Sam Ames", "sam@acme.test", ""],
  ];
  const answer = await ada.request.post(`${product}/connections/import`, {
    headers: {
      origin: product,
      "content-type": "application/octet-stream",
      "x-rollcall-file": encodeURIComponent(JSON.stringify(about)),
    },
    data: Buffer.from(["name,email,manager email", ...people.map((row) => row.join(","))].join("\n")),
  });
  expect(await answer.json()).toMatchObject({ ok: true });
}

async function connect(ada: Page, { product }: Doors, { connection }: Target): Promise<void> {
  const made = await ada.request.post(`${product}/api/v1/connections`, {
    headers: { origin: product },
    data: { name: "ledger", connector: "postgresql", ...connection },
  });
  expect(made.status(), await made.text()).toBe(201);
  const { id } = await made.json();
  const status = async () =>
    (await (await ada.request.get(`${product}/api/v1/connections/${id}`)).json()).status as string;
  await expect.poll(status, { timeout: 60_000 }).toBe("current");

  // Nothing in the database says whose the role is, so a person does.
  await ada.goto(`/accounts?connection=ledger&q=${ownAccount.user}`);
  await ada.getByRole("button", { name: `Match ${ownAccount.user}` }).click();
  const dialog = ada.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Identity" }).fill("lev@acme.test");
  await dialog.getByRole("radio", { name: /Lev Ames/ }).check();
  await dialog.getByRole("button", { name: "Match it" }).click();
  await expect(dialog).toHaveCount(0);
}
