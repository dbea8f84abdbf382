import { readFile } from "node:fs/promises";
import { expect, type Page, test } from "./journey";

test("a list is narrowed, ordered and given columns, and all of it can be sent as an address", async ({ page }) => {
  await page.goto("/identities");
  const table = page.getByRole("table", { name: "identities" });
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  const choice = page.getByRole("dialog", { name: "Add a filter" });
  await choice.getByRole("button", { name: "Kind" }).click();
  await page.getByRole("checkbox", { name: "Bot", exact: true }).click();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/kind=bot/);
  await expect(page.getByRole("group", { name: "Kind is Bot" })).toBeVisible();

  await table.getByRole("link", { name: "Identity", exact: true }).click();
  await expect(table.getByRole("columnheader", { name: "Identity" })).toHaveAttribute("aria-sort", "ascending");
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("checkbox", { name: "Department" }).click();
  await expect(table.getByRole("columnheader", { name: "Department" })).toBeVisible();
  await page.keyboard.press("Escape");

  const first = await namesIn(page);
  expect(first.length).toBeGreaterThan(5);
  expect(first).toEqual([...first].sort((a, b) => a.localeCompare(b, "en")));
  await page.goto(page.url());
  expect(await namesIn(page)).toEqual(first);
  await expect(table.getByRole("columnheader", { name: "Department" })).toBeVisible();
});

test("a column is made wider by the arrow keys, and stays so when the address is opened again", async ({ page }) => {
  await page.goto("/identities");
  const edge = page.getByRole("separator", { name: "Width of Owner" });
  await edge.focus();
  await edge.press("ArrowRight");
  await edge.press("ArrowRight");
  await expect(edge).toHaveAttribute("aria-valuenow", "202");
  await expect(page).toHaveURL(/widths=owner\.202/);
  await page.reload();
  await expect(edge).toHaveAttribute("aria-valuenow", "202");
});

test("what a list shows is saved as a view, opened by its name, and removed", async ({ page }) => {
  await page.goto("/identities?kind=bot&owner=none");
  await page.getByRole("button", { name: "Save this view" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Bots of nobody");
  await dialog.getByRole("button", { name: "Save view" }).click();
  await expect(dialog).toBeHidden();
  await page.goto("/identities");
  await page
    .getByRole("navigation", { name: "Views of identities" })
    .getByRole("link", { name: /Bots of nobody/ })
    .click();
  await expect(page).toHaveURL(/kind=bot&owner=none/);
  await page.getByRole("button", { name: "Save this view" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove the view Bots of nobody" }).click();
  await expect(page.getByRole("link", { name: /Bots of nobody/ })).toHaveCount(0);
});

test("an open dialog keeps the page behind it still, and breaks no policy", async ({ page }) => {
  const said: string[] = [];
  page.on("console", (message) => {
    if (/Content Security Policy/.test(message.text())) said.push(message.text());
  });
  await page.goto("/identities?kind=bot");
  // What the server answers later has a nonce of its own, which the page's policy does not know.
  await page.getByRole("table").getByRole("link", { name: "Identity", exact: true }).click();
  await expect(page).toHaveURL(/sort=/);
  await page.getByRole("button", { name: "Save this view" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  expect(await page.evaluate(() => getComputedStyle(document.body).overflowY)).toBe("hidden");
  expect(said).toEqual([]);
});

test("several identities are edited at once, after being told what that will do", async ({ page }) => {
  await page.goto("/identities?kind=bot&owner=none&sort=name");
  const boxes = page.getByRole("checkbox", { name: /^Select (?!all)/ });
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  await expect(page.getByRole("status").filter({ hasText: "2 selected" })).toBeVisible();
  await page.getByRole("button", { name: "Purpose…" }).click();
  const dialog = page.getByRole("dialog", { name: "Set the purpose of 2 identities" });
  await dialog.getByRole("textbox").fill("Seen by the journey through the lists");
  await expect(dialog.getByRole("list", { name: "What this will do" })).toContainText("2");
  await dialog.getByRole("button", { name: /2/ }).click();
  await expect(dialog).toBeHidden();
  await page.goto("/identities?kind=bot&owner=none&sort=name&columns=name,purpose");
  await expect(page.getByRole("row", { name: /Seen by the journey/ })).toHaveCount(2);
});

test("a list is taken along as CSV: the rows that match, the columns that are shown", async ({ page }) => {
  await page.goto("/identities?kind=ai_agent&columns=name,kind&sort=name");
  const names = await namesIn(page);
  const started = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export CSV" }).click();
  const download = await started;
  const lines = (await readFile(await download.path(), "utf8")).trim().split(/\r?\n/);
  expect(download.suggestedFilename()).toMatch(/^identities-\d{4}-\d{2}-\d{2}\.csv$/);
  expect(lines[0]).toBe('"id","identity","kind"');
  expect(lines[1]).toContain(names[0]);
  expect(lines.length - 1).toBeGreaterThanOrEqual(names.length);
});

// The last of its name, as the reader sees it; the kind before it is for screen readers.
async function namesIn(page: Page): Promise<string[]> {
  const links = page.getByRole("table", { name: "identities" }).locator("tbody [data-row-link] bdi");
  await expect(links.first()).toBeVisible();
  return links.allTextContents();
}
