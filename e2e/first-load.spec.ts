import { type CDPSession, expect, type Page, test } from "./journey";

// What a first visit to the largest list may cost, by https://web.dev/articles/vitals and the product's own promise.
const limits = { bytes: 300_000, layoutShift: 0.1 };

test("the first load of the identities takes no more than 300 KB over the wire, and moves nothing about", async ({
  page,
}) => {
  const session = await page.context().newCDPSession(page);
  const transferred = await countBytes(session);
  await watchLayoutShift(page);
  await page.goto("/identities", { waitUntil: "networkidle" });
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  const { total, largest } = transferred();
  expect(total, `the largest: ${largest}`).toBeLessThanOrEqual(limits.bytes);
  expect(total).toBeGreaterThan(100_000);
  expect(await page.evaluate(() => Reflect.get(window, "layoutShift"))).toBeLessThanOrEqual(limits.layoutShift);
});

test("what the browser keeps for a year is typed and not guessed at", async ({ page, request }) => {
  await page.goto("/identities");
  const scripts = await page
    .locator("script[src^='/_next/static/']")
    .evaluateAll((all) => all.map((one) => one.getAttribute("src") ?? ""));
  const answer = await request.get(scripts[0] ?? "");
  expect(answer.headers()["x-content-type-options"]).toBe("nosniff");
  expect(answer.headers()["cache-control"]).toContain("immutable");
});

async function countBytes(session: CDPSession): Promise<() => { total: number; largest: string }> {
  const addresses = new Map<string, string>();
  const loads: { bytes: number; address: string }[] = [];
  session.on("Network.responseReceived", (event) => addresses.set(event.requestId, event.response.url));
  session.on("Network.loadingFinished", (event) =>
    loads.push({ bytes: event.encodedDataLength, address: addresses.get(event.requestId) ?? "" }),
  );
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  return () => ({
    total: loads.reduce((sum, load) => sum + load.bytes, 0),
    largest: loads
      .sort((a, b) => b.bytes - a.bytes)
      .slice(0, 12)
      .map(({ bytes, address }) => `${bytes} ${address}`)
      .join(", "),
  });
}

// The sum of all shifts is at least what the browser calls CLS, which is its worst window.
async function watchLayoutShift(page: Page): Promise<void> {
  await page.addInitScript(() => {
    Reflect.set(window, "layoutShift", 0);
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if (!Reflect.get(entry, "hadRecentInput"))
          Reflect.set(window, "layoutShift", Reflect.get(window, "layoutShift") + Reflect.get(entry, "value"));
    }).observe({ type: "layout-shift", buffered: true });
  });
}
