import type { Browser, BrowserContextOptions, Page } from "./journey";

/** A product and the OpenID provider that knows its people. */
export type Doors = { product: string; issuer: string };

const nobody = { cookies: [], origins: [] };

/** A page of somebody who has signed in through the issuer, in a browser of their own. */
export async function signedInAs(
  browser: Browser,
  doors: Doors,
  name: string,
  device: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ ...device, baseURL: doors.product, storageState: nobody });
  const page = await context.newPage();
  await page.goto("/sign-in");
  await throughIssuer(page, doors, name);
  await page.waitForURL((url) => url.origin === doors.product && !url.pathname.startsWith("/sign-in"));
  return page;
}

/** From the sign-in page through the issuer's own pages, and back. */
export async function throughIssuer(page: Page, { product, issuer }: Doors, name: string): Promise<void> {
  // The issuer's page asks for a font from elsewhere, which would be waited for in vain.
  await page.route(/^https:/, (route) => route.abort());
  await page.getByRole("button", { name: "Continue with Acme" }).click();
  // Whoever the issuer knows already comes back at once, and so does whoever is refused here.
  const isBack = (url: URL) => url.origin === product && (url.pathname !== "/sign-in" || url.searchParams.has("error"));
  await page.waitForURL((url) => url.origin === issuer || isBack(url));
  if (isBack(new URL(page.url()))) return;
  const login = page.locator("input[name=login]");
  if (await login.isVisible()) {
    await login.fill(name);
    await page.locator("input[name=password]").fill("any");
    await page.getByRole("button", { name: "Sign-in" }).click();
  }
  const consent = page.getByRole("button", { name: "Continue" });
  await Promise.race([consent.waitFor().catch(() => undefined), page.waitForURL(isBack)]);
  if (!isBack(new URL(page.url()))) await consent.click();
  await page.waitForURL(isBack);
}
