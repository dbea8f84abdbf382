import AxeBuilder from "@axe-core/playwright";
import { importFile } from "./fill-product";
import { everyPage, hostileFile, injected, payloads, visit, watched } from "./hostile-names";
import { expect as expectWithin, type Page, test } from "./journey";
import { type Acme, startAcme } from "./start-acme";
import { ownAccount, runShown, type SignIn } from "./start-target";
import { signedInAs } from "./through-issuer";

// Three people, each in a browser of their own: Lev develops, Mia leads him and decides on her phone, Sam is security.
// The product, the issuer and the PostgreSQL in which access is given are real, and no clock is moved.
const expect = expectWithin.configure({ timeout: 60_000 });
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const count = "select count(*) from invoices";
const amount = "select amount from salaries";

let acme: Acme;
let lev: Page;
let mia: Page;
let sam: Page;
/** The session that the second test leaves open, to be cut at its end in the last. */
let brief: { login: SignIn; cut: Promise<string> };

test.describe.configure({ mode: "serial" });
// What does not come at all is told before the whole test has run out of time.
test.use({ actionTimeout: 60_000 });

test.beforeAll(async ({ browser }) => {
  test.setTimeout(300_000);
  acme = await startAcme(browser, 4370);
  lev = await signedInAs(browser, acme.doors, "lev");
  mia = await signedInAs(browser, acme.doors, "mia", phone);
  sam = await signedInAs(browser, acme.doors, "sam");
});

test.afterAll(async () => {
  for (const page of [lev, mia, sam]) await page?.context().close();
  await acme?.stop();
});

// A slow machine may take its time: what is waited for is always a condition.
test.beforeEach(() => test.setTimeout(240_000));

test("a developer asks for a role, the manager approves on a phone, and the own account reads what it could not", async () => {
  expect(await acme.target.ask(ownAccount, count)).toMatch(/permission denied/);
  await askFor("invoice_readers", { length: "4 h", reason: "Customer 31 was charged twice" });
  await expect(lev.getByRole("region", { name: "Who decides" })).toContainText("Mia Ames");
  await expectNothingForAxe(lev);

  await approveOnPhone("invoice_readers", "Approve 4 h");
  await expect(lev.getByRole("region", { name: "What it gave" })).toContainText("Active");
  expect(await acme.target.ask(ownAccount, count)).toBe("2");
});

test("a short-lived login is shown once, to the developer alone, and a client signs in with it", async () => {
  await askFor("salary_readers", { length: "1 min", reason: "Check one payslip", shortLived: true });
  await approveOnPhone("salary_readers", "Approve 1 min");
  await expect(lev.getByRole("region", { name: "What it gave" })).toContainText("Active");
  const { login, command } = await collect();
  const { client, cut } = await acme.target.open(login);
  expect((await client.query(amount)).rows).toEqual([{ amount: 4200 }]);
  brief = { login, cut };
  const shown = runShown(command, login.password, amount);
  if (shown !== null) expect(shown).toBe("4200");

  await lev.reload();
  await expect(lev.getByRole("button", { name: "Take a new secret" })).toBeVisible();
  expect(await lev.content()).not.toContain(login.password);
});

test("security sees a grant with its receipt and ends it: the open session is cut, and a new login is refused", async () => {
  await askFor("invoice_readers", { length: "4 h", reason: "A second look", shortLived: true });
  await approveOnPhone("invoice_readers", "Approve 4 h");
  await expect(lev.getByRole("region", { name: "What it gave" })).toContainText("Active");
  const { login } = await collect();
  const { client, cut } = await acme.target.open(login);
  expect((await client.query(count)).rows).toEqual([{ count: "2" }]);

  await sam.goto("/grants?state=active");
  await sam.getByRole("row").filter({ hasText: "invoice_readers" }).first().getByRole("link").first().click();
  const receipt = sam.getByRole("region", { name: "Receipt" });
  for (const step of ["Ordered", "Done", "Secret handed out"]) await expect(receipt).toContainText(step);
  await expectNothingForAxe(sam);
  await sam.getByRole("button", { name: "Revoke invoice_readers" }).click();
  const dialog = sam.getByRole("dialog");
  await expect(dialog).toContainText("Open sessions that depend on them are cut");
  await dialog.getByLabel("Why").fill("The look was long enough");
  await dialog.getByRole("button", { name: "Revoke 1" }).click();

  expect(await cut).toMatch(/terminating connection/);
  expect(await acme.target.ask(login, count)).toMatch(/authentication failed|does not exist|not permitted/);
  await expect(receipt).toContainText("Proven gone");
  await expect(receipt).toContainText("The look was long enough");
  // His own account keeps what it was given for itself.
  expect(await acme.target.ask(ownAccount, count)).toBe("2");
});

test("at its end the open session is cut, a new login is refused, and the receipt proves it", async () => {
  const { login, cut } = brief;
  expect(await cut).toMatch(/terminating connection/);
  expect(await acme.target.ask(login, amount)).toMatch(/authentication failed|does not exist|not permitted/);
  await sam.goto("/grants?state=ended");
  await sam.getByRole("row").filter({ hasText: "salary_readers" }).getByRole("link").first().click();
  await expect(sam.getByRole("region", { name: "Receipt" })).toContainText("Proven gone");
  await lev.goto("/access");
  await expect(lev.getByText("salary_readers")).toHaveCount(0);
});

test("names, reasons and words that are markup stay text on every page", async ({ browser }) => {
  const { doors } = acme;
  const ada = await signedInAs(browser, doors, "ada");
  await importFile(ada, doors, { name: "strange-people", file: hostileFile() });
  const text = payloads.slice(0, 8).join(" ");
  const item = { connection: "ledger", permission: "member", resource: { type: "group", id: "salary_readers" } };
  const asking = { items: [item], reason: text, ticket: payloads[3], duration: "PT1M" };
  const post = (page: Page, path: string, data: object) =>
    page.request.post(`${doors.product}/api/v1${path}`, { headers: { origin: doors.product }, data });
  const { id } = await (await post(lev, "/requests", asking)).json();
  expect((await post(mia, `/requests/${id}/decisions`, { decision: "ask", comment: text })).status()).toBe(200);
  expect((await post(ada, "/tokens", { name: payloads[0], scopes: ["inventory:read"] })).status()).toBe(201);

  const seen = [ada, lev, mia].map(watched);
  expect(await visit(ada, doors, everyPage(), 2)).toBeGreaterThan(5);
  expect(await visit(lev, doors, ["/requests", `/requests/${id}`], 1)).toBeGreaterThan(0);
  expect(await visit(mia, doors, ["/inbox", `/inbox/${id}`, "/"], 1)).toBeGreaterThan(1);
  expect(seen.flat()).toEqual([]);
  // Had one of them become an element, it would have been seen, and its script stopped.
  await ada.locator("main").evaluate((main, html) => main.insertAdjacentHTML("beforeend", html), payloads[0] ?? "");
  expect(await injected(ada)).toBe(1);
  await expect.poll(() => seen.flat().join()).toMatch(/Content Security Policy/);
  await ada.context().close();
});

type Asked = { length: string; reason: string; shortLived?: boolean };

/** Lev finds a role in the catalogue, reads what would become of it, and asks. */
async function askFor(role: string, { length, reason, shortLived = false }: Asked): Promise<void> {
  await lev.goto("/ask");
  await lev.getByRole("searchbox", { name: "Find what may be asked for" }).fill(role);
  await lev.getByRole("checkbox", { name: role }).check();
  if (shortLived) await lev.getByRole("radio", { name: "Short-lived login" }).check();
  const before = lev.getByRole("region", { name: "Before you submit" });
  await lev
    .getByRole("group", { name: /How long/ })
    .getByText(length, { exact: true })
    .click();
  await lev.getByLabel("Reason").fill(reason);
  await expect(before).toContainText("This can be approved. One person must say yes.");
  await expect(before).toContainText("Mia Ames");
  await lev.getByRole("button", { name: `Ask for ${length}` }).click();
  await expect(lev.getByRole("heading", { level: 1 })).toHaveText(/^R-\d+$/);
}

/** Mia opens what waits for her from the bar at the foot of her phone, looks, and approves. */
async function approveOnPhone(role: string, button: string): Promise<void> {
  await mia.goto("/");
  await mia
    .getByRole("navigation", { name: "Main, on a phone" })
    .getByRole("link", { name: /Waiting/ })
    .tap();
  await mia.getByRole("link").filter({ hasText: role }).tap();
  await expect(mia.getByRole("region", { name: "What this opens" })).toBeVisible();
  await expectNothingForAxe(mia);
  expect(await mia.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await mia.getByRole("button", { name: button }).tap();
  await expect(mia.getByText("Nothing waits for you")).toBeVisible();
}

/** Lev takes the credential from the page of his access, where it is shown this once. */
async function collect(): Promise<{ login: SignIn; command: string }> {
  await lev.goto("/access");
  await lev.getByRole("button", { name: "Take the credential" }).click();
  const shown = lev.getByRole("status").filter({ hasText: "shown this once" });
  const password = (await shown.locator("code").first().textContent()) ?? "";
  const command = (await shown.locator("code").nth(1).textContent()) ?? "";
  await expectNothingForAxe(lev);
  return { login: { user: / user=(\S+)/.exec(command)?.[1] ?? "", password }, command };
}

async function expectNothingForAxe(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html.slice(0, 120))])).toEqual([]);
}
