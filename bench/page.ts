import { type BrowserContext, chromium, type Page } from "@playwright/test";
import { findChromium } from "@/bin/test-needs";
import { sessionCookieName } from "@/lib/auth/address";
import { type Figure, median } from "./measure";

// Named by https://web.dev/articles/vitals: largest contentful paint, interaction to next paint.
const visits = 9;
type Vitals = { paintMs: number; slowestMs: number };

/**
 * The Identities page in a real browser: when its largest part is painted on a first visit (nothing kept from before),
 * and the slowest answer to a press or a key while it is used as people use it.
 * @param session the value of the session cookie
 */
export async function benchPage(origin: string, session: string): Promise<Figure[]> {
  const { path, remedy } = findChromium();
  if (!path) throw new Error(remedy);
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await chromium.launch({ executablePath: path, args });
  try {
    const found: Vitals[] = [];
    for (let n = 0; n < visits; n++) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      await context.addCookies([{ name: sessionCookieName(), value: session, url: origin }]);
      found.push(await visit(context, `${origin}/identities`));
      await context.close();
    }
    const slowest = Math.max(...found.map(({ slowestMs }) => slowestMs));
    return [
      {
        what: "Identities in Chromium: largest contentful paint of a first visit, median",
        bareMs: null,
        oursMs: median(found.map(({ paintMs }) => paintMs)),
        atMost: { ms: 2_500 },
      },
      {
        what: `Identities in Chromium: interaction to next paint, the slowest of ${visits * 8} presses and keys`,
        bareMs: null,
        oursMs: slowest,
        atMost: { ms: 200 },
      },
    ];
  } finally {
    await browser.close();
  }
}

async function visit(context: BrowserContext, address: string): Promise<Vitals> {
  const page = await context.newPage();
  await page.addInitScript(watch);
  await page.goto(address, { waitUntil: "networkidle" });
  await page.getByRole("row").nth(1).waitFor();
  const paintMs = await read(page, "largestPaint");
  await use(page);
  return { paintMs, slowestMs: await read(page, "slowestInteraction") };
}

// Eight of them: select a row and another, sort, turn it round, search, leave the search, walk by keys, open the palette.
async function use(page: Page): Promise<void> {
  const boxes = page.getByRole("checkbox", { name: /^Select / });
  await boxes.nth(1).click();
  await boxes.nth(2).click();
  const sort = page.getByRole("columnheader").getByRole("link").first();
  await sort.click();
  await page.waitForLoadState("networkidle");
  await sort.click();
  await page.waitForLoadState("networkidle");
  const search = page.getByRole("searchbox").or(page.getByPlaceholder("Name, e-mail, number…")).first();
  await search.pressSequentially("ada", { delay: 40 });
  await page.waitForLoadState("networkidle");
  await search.fill("");
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").waitFor();
}

// Runs in the page: keeps the last largest paint, and the longest of all interactions.
function watch(): void {
  Object.assign(window, { largestPaint: 0, slowestInteraction: 0 });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) Object.assign(window, { largestPaint: entry.startTime });
  }).observe({ type: "largest-contentful-paint", buffered: true });
  const events: PerformanceObserverInit & { durationThreshold: number } = {
    type: "event",
    buffered: true,
    durationThreshold: 16,
  };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const slowest = Number(Reflect.get(window, "slowestInteraction"));
      if (Number(Reflect.get(entry, "interactionId")) > 0 && entry.duration > slowest)
        Object.assign(window, { slowestInteraction: entry.duration });
    }
  }).observe(events);
}

async function read(page: Page, name: string): Promise<number> {
  return page.evaluate((key) => Number(Reflect.get(window, key)), name);
}
