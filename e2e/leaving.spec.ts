import AxeBuilder from "@axe-core/playwright";
import { hasSlapd } from "@/lib/connectors/ldap/test-slapd";
import { now } from "@/lib/time";
import { expect as expectWithin, type Page, test } from "./journey";
import { type Company, startCompany } from "./start-company";
import { leaver, machine, teams } from "./start-systems";
import { signedInAs } from "./through-issuer";

// Mia leads Lev, who leaves; Sam is security and retires a machine. The product, the issuer, the mail server, three
// PostgreSQL servers and the directory are real, and no clock is moved.
const expect = expectWithin.configure({ timeout: 60_000 });

let acme: Company;
let ada: Page;
let mia: Page;
let sam: Page;

test.skip(!hasSlapd(), "slapd is not installed here: apt-get install slapd ldap-utils");
test.describe.configure({ mode: "serial" });
// What does not come at all is told before the whole test has run out of time.
test.use({ actionTimeout: 60_000 });

test.beforeAll(async ({ browser }) => {
  test.setTimeout(400_000);
  acme = await startCompany(browser, 4380);
  ada = await signedInAs(browser, acme.doors, "ada");
  mia = await signedInAs(browser, acme.doors, "mia");
  sam = await signedInAs(browser, acme.doors, "sam");
});

test.afterAll(async () => {
  for (const page of [ada, mia, sam]) await page?.context().close();
  await acme?.stop();
});

// A slow machine may take its time: what is waited for is always a condition.
test.beforeEach(() => test.setTimeout(300_000));

test("a manager has somebody with sixty accesses in four systems leave, and watches it to its end", async () => {
  const sessions = await Promise.all(acme.systems.flatMap((system) => system.open?.(leaver) ?? []));
  const before = await Promise.all(acme.systems.map((system) => system.standing(leaver)));
  expect(before.map(({ holds, opened }) => [holds.length, opened])).toEqual(acme.systems.map(() => [15, true]));

  await openIdentity(mia, "Lev Ames");
  await mia.getByRole("link", { name: "Leaves…" }).click();
  const goes = mia.getByRole("region", { name: "What goes" });
  for (const { name } of acme.systems) await expect(goes).toContainText(name);
  // Four accounts, sixty accesses, and the passwords of the accounts.
  await goes.getByRole("button", { name: /^Show all 6[5-8]$/ }).click();
  for (const team of teams) await expect(goes).toContainText(team);
  await expect(goes).toContainText("Listed in people, which only says who works here: there is nothing in it to shut.");
  await expectNothingForAxe(mia);
  await mia.getByLabel("Why").fill("His last day");
  await mia.getByRole("button", { name: "Start the leaving…" }).click();
  const dialog = mia.getByRole("dialog");
  await expect(dialog).toContainText("4 accounts are shut");
  await expect(dialog).toContainText("60 accesses are taken");
  await dialog.getByLabel("Type the name to go on").fill("Lev Ames");
  await shot(mia, "leaving-asked");
  await dialog.getByRole("button", { name: "Yes, take 64" }).click();
  await mia.waitForURL(/\/offboardings\/[0-9a-f-]{36}$/);

  // From here on nobody reloads: what is said of this page would be gone with it.
  await mia.evaluate(() => document.body.setAttribute("data-not-reloaded", "true"));
  // Sixty accesses are gone within a second: it may be over by the time that its page is read.
  await expect(mia.getByRole("region", { name: "Systems" }).getByRole("status")).toHaveText(/live|at rest/);
  await shot(mia, "leaving-begun");
  const systems = mia.getByRole("table", { name: "Systems" });
  for (const { name } of acme.systems) {
    const row = systems.getByRole("row").filter({ hasText: name });
    await expect(row).toContainText(/(?<all>1[67]) of \k<all>/);
    await expect(row).toContainText("sign-in refused");
  }
  await expect(mia.getByText(/Proven after \d/)).toBeVisible();
  await expect(mia.getByRole("region", { name: /^Complete/ })).toContainText("Yes");
  await expect(
    mia.getByRole("table", { name: "Receipt" }).getByRole("row").filter({ hasText: "Gone, proven" }),
  ).toHaveCount(67);
  await expect(mia.locator("body")).toHaveAttribute("data-not-reloaded", "true");
  await expectNothingForAxe(mia);
  await shot(mia, "leaving-done");

  expect(await Promise.all(sessions.map(({ cut }) => cut))).toEqual(
    sessions.map(() => expect.stringMatching(/terminating connection/)),
  );
  const after = await Promise.all(acme.systems.map((system) => system.standing(leaver)));
  expect(after).toEqual(acme.systems.map(() => ({ holds: [], opened: false })));

  await mia.goto(`${acme.doors.product}/offboardings`);
  const report = mia.getByRole("table", { name: "How soon, against the targets" });
  await expect(report.getByRole("row").filter({ hasText: "People: shut" })).toContainText(/1 min.*1 of 1 due/);
  await expect(mia.getByRole("table", { name: "Runs" }).getByRole("row").nth(1)).toContainText(/in [\d.]+ s/);
  await expectNothingForAxe(mia);
  await shot(mia, "leaving-list");
});

test("security retires a machine; who calls during the hold is named, its owner is asked, and brings it back", async () => {
  const [warehouse] = acme.systems;
  if (!warehouse) throw new Error("there is no warehouse");
  expect(await warehouse.standing(machine)).toMatchObject({ opened: true });
  await giveOwner("mia@acme.test");
  await sayUsed("10.0.4.7");

  await openIdentity(sam, machine);
  await sam.getByRole("link", { name: "Retire…" }).click();
  await expect(sam.getByRole("region", { name: "Who calls with it" })).toContainText("10.0.4.7");
  await sam.getByLabel("Why").fill("Replaced by the new export");
  await sam.getByLabel("Days until it is shut").fill("0");
  await expectNothingForAxe(sam);
  await sam.getByRole("button", { name: "Retire…" }).click();
  await sam
    .getByRole("dialog")
    .getByRole("button", { name: /^Yes, take/ })
    .click();
  await sam.waitForURL(/\/offboardings\/[0-9a-f-]{36}$/);
  await expect(sam.getByText(/Proven after \d/)).toBeVisible();
  const run = sam.url();

  // The consumer calls as ever, and is refused; the log of the server, sent on as use, says from where.
  expect(await warehouse.standing(machine)).toMatchObject({ opened: false });
  await sayUsed("10.0.4.7");
  const left = (page: Page) => page.getByRole("region", { name: "Left behind", exact: true });
  await expect(left(sam)).toContainText("10.0.4.7", { timeout: 150_000 });
  await expect(left(sam)).toContainText(`called as ${machine} in warehouse after it was shut`);
  await expectNothingForAxe(sam);
  await shot(sam, "machine-called");

  await expect
    .poll(() => acme.mail.subjectsTo("mia@acme.test"))
    .toContain(`${machine} was retired, and somebody still calls`);
  await mia.goto(run);
  await expect(left(mia)).toContainText("10.0.4.7");
  await mia.getByRole("button", { name: "Bring it back…" }).click();
  await mia.getByRole("dialog").getByLabel("Why").fill("The night export still needs it");
  await mia.getByRole("dialog").getByRole("button", { name: "Bring it back" }).click();
  await expect(mia.getByText("Undone").first()).toBeVisible();
  await expect.poll(async () => (await warehouse.standing(machine)).opened).toBe(true);
  await expect(mia.getByText("Given back").first()).toBeVisible();
  await shot(mia, "machine-back");
});

/** As a person does: by its name, from the list. */
async function openIdentity(page: Page, name: string): Promise<void> {
  await page.goto(`/identities?q=${name}`);
  await page
    .getByRole("link", { name: new RegExp(name) })
    .first()
    .click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
}

async function giveOwner(email: string): Promise<void> {
  await openIdentity(sam, machine);
  await sam.getByRole("button", { name: "Edit" }).click();
  const drawer = sam.getByRole("dialog");
  await drawer.getByRole("textbox", { name: "Owner", exact: true }).fill(email);
  await drawer.getByRole("radio", { name: /Ames/ }).check();
  await drawer.getByRole("button", { name: "Save 1 change" }).click();
  await expect(drawer).toHaveCount(0);
}

async function sayUsed(from: string): Promise<void> {
  const told = await ada.request.post(`${acme.doors.product}/api/v1/usage`, {
    headers: { origin: acme.doors.product },
    // A kept connection may be closed by the server in the moment in which it is used again.
    maxRetries: 3,
    data: { connection: "warehouse", events: [{ account: machine, at: now().toISOString(), from }] },
  });
  expect(await told.json()).toMatchObject({ recorded: 1 });
}

async function shot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: test.info().outputPath(`${name}.png`), fullPage: true });
}

async function expectNothingForAxe(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html.slice(0, 120))])).toEqual([]);
}
