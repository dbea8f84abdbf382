import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "./journey";

test("an administrator connects a PostgreSQL, sees what it shows and does not, and watches the first sync end", async ({
  page,
}) => {
  const server = JSON.parse(await readFile(path.join(process.env.E2E_FOLDER ?? "", "server.json"), "utf8"));
  await page.goto("/connections");
  await page.getByRole("link", { name: "Connect a system" }).click();
  await page.getByRole("link", { name: /PostgreSQL/ }).click();
  await expect(page.getByText(/CREATE ROLE/)).toBeVisible();
  await page.getByLabel("Name", { exact: false }).first().fill("lakehouse");
  await page.getByLabel("Host").fill("127.0.0.1");
  await page.getByLabel("Port").fill(String(server.port));
  await page.getByLabel("User").fill("rollcall");
  await page.getByRole("textbox", { name: "Password", exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Check" }).click();
  await expect(page.getByRole("alert").filter({ hasText: /password/ })).toBeVisible();

  await page.getByRole("textbox", { name: "Password", exact: true }).fill(server.password);
  await page.getByRole("button", { name: "Check" }).click();
  await expect(page.getByRole("status")).toContainText(/signed in as rollcall/);
  await expect(page.getByRole("status")).toContainText("Cannot see");
  await expectNothingForAxe(page);

  await page.getByRole("button", { name: "Save and read now" }).click();
  await expect(page).toHaveURL(/\/connections\/[0-9a-f-]{36}$/);
  await expect(page.getByRole("heading", { name: "lakehouse" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Syncs" })).toContainText("Done", { timeout: 45_000 });
  await expectNothingForAxe(page);
  expect(await page.content()).not.toContain(server.password);

  await page.getByRole("button", { name: "Remove…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("button", { name: /Remove, end/ })).toBeDisabled();
  await dialog.getByLabel("Type the name to go on").fill("lakehouse");
  await dialog.getByRole("button", { name: /Remove, end/ }).click();
  await expect(page).toHaveURL(/\/connections$/);
  await expect(page.getByRole("link", { name: "lakehouse" })).toHaveCount(0);
});

test("a CSV file is previewed on its first rows and imported", async ({ page }, { outputDir }) => {
  const file = path.join(outputDir, "..", "people-of-the-test.csv");
  await writeFile(file, "id,name,email\n1,Ann Example,ann@example.com\n2,<b>Bob</b>,bob@example.com\n");
  await page.goto("/connections/new?connector=csv");
  await page.getByLabel("Name", { exact: false }).first().fill("people-of-the-test");
  await page.locator("input[type=file]").setInputFiles(file);
  await expect(page.getByRole("region", { name: "First rows" })).toContainText("<b>Bob</b>");
  const accounts = page.getByRole("group", { name: "Accounts" });
  await accounts.getByLabel("E-mail").selectOption("name");
  await expect(page.getByRole("region", { name: "What they become" })).toContainText("ann@example.com, Ann Example");
  await accounts.getByLabel("E-mail").selectOption("email");
  await expect(page.getByRole("region", { name: "What they become" })).toContainText(
    "ann@example.com, ann@example.com",
  );
  await expectNothingForAxe(page);
  await page.getByRole("button", { name: "Import the whole file" }).click();
  await expect(page).toHaveURL(/\/connections\/[0-9a-f-]{36}$/);
  await expect(page.getByRole("region", { name: "Syncs" })).toContainText("accounts and groups +2");
});

async function expectNothingForAxe(page: Page): Promise<void> {
  // The title comes with the page's data, after its frame.
  await expect(page).toHaveTitle(/./);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html.slice(0, 120))])).toEqual([]);
}
