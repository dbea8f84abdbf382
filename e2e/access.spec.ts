import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "./journey";

test("the access of an identity is a picture and a table; a path is followed and explained in a sentence", async ({
  page,
}) => {
  await openFirst(page, "/identities?kind=human&sort=name");
  const picture = page.getByRole("region", { name: "Access as a picture" });
  const table = page.getByRole("table", { name: "Access as a table" });
  await expect(picture.getByText(/^Entitlements, /)).toBeVisible();
  await expect(picture.getByRole("status").filter({ hasText: "signs in to" })).toBeVisible();

  const row = table.getByRole("row").nth(3);
  const permission = ((await row.getByRole("button").first().textContent()) ?? "").trim();
  await row.getByRole("button").first().click();
  await expect(row).toHaveAttribute("aria-current", "true");
  await expect(picture.getByRole("status").filter({ hasText: "signs in to" })).toContainText(permission);
  await expect(page).toHaveURL(/entry=/);
  await expectNothingForAxe(page);

  await table.getByRole("link", { name: "Privilege" }).click();
  await expect(table.getByRole("columnheader", { name: "Privilege" })).toHaveAttribute("aria-sort", "descending");
  await page.getByText("Table only").click();
  await expect(page).toHaveURL(/show=table/);
  await expect(picture).toHaveCount(0);
});

test("an identity is shown as it was at the end of a day, and its history tells what became of it", async ({
  page,
}) => {
  await openFirst(page, "/identities?kind=human&sort=name");
  await page.getByRole("link", { name: "History" }).click();
  await expect(page.getByRole("region", { name: "History" }).getByRole("listitem").first()).toBeVisible();
  await page.getByRole("button", { name: "As of…" }).click();
  const day = page.getByRole("dialog", { name: "As of" }).getByLabel(/At the end of the day/);
  const first = (await day.getAttribute("min")) ?? "";
  await day.fill(first);
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page).toHaveURL(new RegExp(`at=${first}`));
  await expect(page.getByRole("button", { name: `As of ${first}` })).toBeVisible();
  await page.getByRole("link", { name: /^Access/ }).click();
  await expect(
    page
      .getByRole("status")
      .filter({ hasText: /on|as of|was/i })
      .first(),
  ).toBeVisible();
});

test("a resource tells who can reach it and by which way, and leads to them and back in time", async ({ page }) => {
  await openFirst(page, "/resources?connection=warehouse&type=table");
  const table = page.getByRole("table", { name: "Who can reach it" });
  await expect(table.getByRole("row").nth(1)).toContainText(/Read|Write|Admin|Everything/);
  await table.getByRole("link", { name: "Privilege" }).click();
  await expect(table.getByRole("columnheader", { name: "Privilege" })).toHaveAttribute("aria-sort", "descending");
  await expectNothingForAxe(page);
  const person = table.getByRole("row").nth(1).getByRole("link").first();
  const name = (await person.locator("bdi").textContent()) ?? "";
  await person.click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
});

test("a group on the way is opened, and tells who is in it, what it gives, and what became of it", async ({ page }) => {
  await openFirst(page, "/identities?kind=human&sort=name");
  const group = page.getByRole("table", { name: "Access as a table" }).locator("a[href^='/groups/']").first();
  const name = (await group.textContent()) ?? "";
  await group.click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
  await expect(page.getByRole("table", { name: "Members" }).getByRole("row").nth(1)).toBeVisible();
  await expectNothingForAxe(page);
  await page.getByRole("link", { name: /^What it gives/ }).click();
  await expect(page.getByRole("table", { name: "What it gives" }).getByRole("row").nth(1)).toBeVisible();
  await page.getByRole("link", { name: "History" }).click();
  await expect(page.getByRole("table", { name: "History" })).toContainText("came in");
});

async function openFirst(page: Page, list: string): Promise<void> {
  await page.goto(list);
  await page.locator("tbody a[data-row-link]").first().click();
  await page.waitForURL(/\/[0-9a-f-]{36}/);
}

async function expectNothingForAxe(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html.slice(0, 120))])).toEqual([]);
}
