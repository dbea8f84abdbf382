import { expect, test } from "@playwright/test";

test("the record is narrowed, and an event opened with all that is kept of it", async ({ page }) => {
  await page.goto("/activity");
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByRole("dialog", { name: "Add a filter" }).getByRole("button", { name: "Outcome" }).click();
  await page.getByRole("checkbox", { name: "failed", exact: true }).click();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/outcome=failed/);
  const rows = page.getByRole("row");
  await expect(rows.nth(1)).toContainText("failed");
  await rows.nth(1).click();
  const panel = page.getByRole("complementary", { name: "Event" });
  await expect(panel).toContainText("Hash in the log");
  await page.keyboard.press("Escape");
  await expect(panel).toHaveCount(0);
});

test("an event that is made elsewhere appears without a reload", async ({ page, context }) => {
  await page.goto("/activity");
  await expect(page.getByRole("status").filter({ hasText: "Live" })).toBeVisible();
  const before = await page.getByRole("cell", { name: "view.saved" }).count();
  const elsewhere = await context.newPage();
  await elsewhere.goto("/credentials?kind=password");
  await elsewhere.getByRole("button", { name: "Save this view" }).click();
  await elsewhere.getByRole("dialog").getByLabel("Name").fill("Made elsewhere");
  await elsewhere.getByRole("dialog").getByRole("button", { name: "Save view" }).click();
  await expect(elsewhere.getByRole("link", { name: /Made elsewhere/ })).toBeVisible();
  await page.bringToFront();
  await expect(page.getByRole("cell", { name: "view.saved" })).toHaveCount(before + 1);
});

test("an event shows its proof under a signed checkpoint, and the story of its target is told from the beginning", async ({
  page,
}) => {
  test.setTimeout(200_000);
  await page.goto("/activity");
  await expect(page.getByText(/Signed up to event \d+/)).toBeVisible();
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByRole("dialog", { name: "Add a filter" }).getByRole("button", { name: "Action" }).click();
  await page.getByRole("checkbox", { name: "connection.created", exact: true }).first().click();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/action=connection.created/);
  await page.getByRole("row").nth(1).click();
  const panel = page.getByRole("complementary", { name: "Event" });
  await expect(page).toHaveURL(/event=/);
  // A checkpoint is signed each minute: the newest event may have to wait for the next.
  await expect(async () => {
    await page.reload();
    await expect(panel).toContainText(/is under the checkpoint over [\d,]+ events/, { timeout: 3_000 });
  }).toPass({ timeout: 150_000 });
  await panel.getByText("Show the proof").click();
  await expect(panel).toContainText("c2sp.org/tlog-proof@v1");
  await panel.getByRole("link", { name: "its whole story" }).click();
  await expect(page).toHaveURL(/activity\/story\?of=connection/);
  await expect(page.getByRole("listitem").filter({ hasText: "connection.created" })).toBeVisible();
});

test("the record is exported with its proofs", async ({ page }) => {
  await page.goto("/activity");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export with proofs" }).click();
  expect((await download).suggestedFilename()).toMatch(/^rollcall-record-1-\d+\.tar\.gz$/);
});
