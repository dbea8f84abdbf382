import { expect, test } from "./journey";

test("a new user signs in by the one-time link and finds the product's own database in the inventory", async ({
  page,
}) => {
  const link = process.env.E2E_LINK ?? "";
  await page.goto("/");
  await expect(page).toHaveURL(/\/sign-in/);

  await page.goto(link);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in/link"));
  await page.context().storageState({ path: "test-results/administrator.json" });

  await page.goto("/connections");
  await expect(page.getByRole("link", { name: /rollcall/i }).first()).toBeVisible();
  await page.goto("/identities");
  await expect(page.getByRole("row").nth(1)).toBeVisible();
});

test("the one-time link is refused the second time", async ({ page }) => {
  await page.goto(process.env.E2E_LINK ?? "");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("does not work any more")).toBeVisible();
});
