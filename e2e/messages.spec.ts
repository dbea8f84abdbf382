import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import AxeBuilder from "@axe-core/playwright";
import { Webhook } from "standardwebhooks";
import { expect, type Page, test } from "./journey";

type Received = { headers: Record<string, string>; body: string };
const received: Received[] = [];
const receiver = createServer((request, response) => {
  let body = "";
  request.on("data", (part) => {
    body += part;
  });
  request.on("end", () => {
    received.push({ headers: request.headers as Record<string, string>, body });
    response.end("taken");
  });
});
let url = "";
test.beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
});
test.afterAll(() => {
  receiver.close();
});

test("an administrator makes a webhook, sends a test, sees it delivered, and the receiver verifies it", async ({
  page,
}) => {
  await page.goto("/messages");
  await page.getByRole("link", { name: "Add a channel" }).click();
  await page.getByRole("link", { name: /Webhook/ }).click();
  await page.getByLabel("Name").fill("Ticket system");
  await page.getByLabel("Address").fill(url);
  await page.getByRole("button", { name: "Add the channel" }).click();
  await expect(page.getByText(/does not begin with https/)).toBeVisible();
  expect(received).toEqual([]);

  await page.getByLabel("The host may be in our own network").check();
  await page.getByRole("button", { name: "Add the channel" }).click();
  const secret = (await page.getByRole("status").locator("code").textContent()) ?? "";
  await expectNothingForAxe(page);
  await page.getByRole("link", { name: "Go on to the channel" }).click();
  await expect(page.getByRole("heading", { name: "Ticket system" })).toBeVisible();
  expect(await page.content()).not.toContain(secret);
  await page.getByRole("button", { name: "Send a test" }).click();
  await expect.poll(() => received.length, { timeout: 20_000 }).toBe(1);
  const [got] = received;
  expect(new Webhook(secret).verify(got?.body ?? "", got?.headers ?? {})).toMatchObject({ type: "message.test" });

  await expect(async () => {
    await page.goto("/messages");
    await expect(page.getByRole("table", { name: "Deliveries" })).toContainText("Sent", { timeout: 1_000 });
  }).toPass({ timeout: 20_000 });
  await expectNothingForAxe(page);
  await page.getByRole("link", { name: "A test from Rollcall" }).click();
  await expect(page.getByRole("region", { name: "How it went" })).toContainText("taken");
  await expectNothingForAxe(page);
});

test("a forged link opens a page that says so, and changes nothing", async ({ page }) => {
  await page.goto("/open?link=forged~link");
  await expect(page.getByText("This link was not made by Rollcall")).toBeVisible();
  await expectNothingForAxe(page);
});

async function expectNothingForAxe(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html.slice(0, 120))])).toEqual([]);
}
