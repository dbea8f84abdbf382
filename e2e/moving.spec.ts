import AxeBuilder from "@axe-core/playwright";
import { makeProvisioner } from "@/lib/connectors/postgresql/test-provisioner";
import { startServer18, type TestServer } from "@/lib/db/test-clusters";
import { asProvisioner, makeRoles, standingOf } from "@/lib/offboarding/test-worlds";
import { dayMs, now, plus } from "@/lib/time";
import { connectSystem, importPeople, matchAccount } from "./fill-product";
import { expect as expectWithin, type Page, test } from "./journey";
import { type Issuer, startIssuer } from "./start-issuer";
import { type MailServer, startMail } from "./start-mail";
import { type Product, startProduct } from "./start-product";
import { postgresConnection } from "./start-target";
import { signedInAs } from "./through-issuer";

// Lev moves from Mia to Tom. The product, the issuer, the mail server and the PostgreSQL server are real.
const expect = expectWithin.configure({ timeout: 60_000 });
const doors = { product: "http://localhost:4390", issuer: "http://localhost:4391" };
const teams = ["team_books", "team_till", "team_vault"];

let mail: MailServer;
let issuer: Issuer;
let server: TestServer;
let product: Product;
const pages: Record<string, Page> = {};

test.use({ actionTimeout: 60_000 });

test.beforeAll(async ({ browser }) => {
  test.setTimeout(400_000);
  mail = await startMail();
  const env = {
    ...{ NEXTAUTH_URL: doors.product, OIDC_ISSUER: doors.issuer, OIDC_CLIENT_ID: "rollcall", OIDC_NAME: "Acme" },
    ...{ OIDC_CLIENT_SECRET: "a-secret-of-the-test-only", SMTP_URL: mail.url },
  };
  [issuer, server, product] = await Promise.all([
    startIssuer(4391, doors.product),
    startServer18(),
    startProduct({ port: 4390, env }),
  ]);
  await makeProvisioner(server);
  await makeRoles(server, { accounts: ["lev"], groups: teams });
  await asProvisioner(
    server,
    teams.map((team) => `grant ${team} to lev`),
  );
  const ada = await signedInAs(browser, doors, "ada");
  pages.ada = ada;
  await importPeople(ada, doors);
  await connectSystem(ada, doors, {
    name: "warehouse",
    connector: "postgresql",
    connection: postgresConnection(server),
  });
  await matchAccount(ada, "warehouse", "lev");
  for (const name of ["mia", "tom", "lev"]) pages[name] = await signedInAs(browser, doors, name);
});

test.afterAll(async () => {
  for (const page of Object.values(pages)) await page.context().close();
  await product?.stop();
  await server?.stop();
  await issuer?.stop();
  await mail?.stop();
});

test("both managers are asked what stays: one keeps an access, the other ends one, and who moved sees it", async () => {
  test.setTimeout(300_000);
  const [mia, tom, lev] = [pageOf("mia"), pageOf("tom"), pageOf("lev")];
  const moved = "Lev Ames moved: what of their access stays?";
  await importPeople(pageOf("ada"), doors, "tom");
  for (const manager of ["mia", "tom"])
    await expect.poll(() => mail.subjectsTo(`${manager}@acme.test`), { timeout: 60_000 }).toContain(moved);

  await openFromInbox(mia);
  await expect(mia.getByRole("link", { name: "Waiting for me" })).toContainText("1");
  await expect(mia.getByText("manager: Mia Ames → Tom Ames")).toBeVisible();
  await receiptOf(mia, "team_books")
    .getByRole("button", { name: /^Keep it… / })
    .click();
  const until = plus(now(), 60 * dayMs);
  await mia.getByLabel("Why").fill("Closes the books of November first");
  await mia.getByLabel("Until").fill(until.toISOString().slice(0, 10));
  await mia.getByRole("button", { name: "It stays for a time" }).click();
  await expect(receiptOf(mia, "team_books")).toContainText("Kept until");
  await inEachForm(mia, "move");

  await openFromInbox(tom);
  await expect(receiptOf(tom, "team_books")).toContainText("Mia Ames: Closes the books of November first");
  await receiptOf(tom, "team_till")
    .getByRole("button", { name: /^End .*team_till.* now$/ })
    .click();
  await expect(receiptOf(tom, "team_till")).toContainText("Gone, proven");
  expect((await standingOf(server, "lev")).memberships.sort()).toEqual(["team_books", "team_vault"]);

  await lev.goto("/access");
  const ending = lev.getByRole("region", { name: "Ends because you moved" });
  await expect(ending).toContainText("Ask: Mia Ames, Tom Ames.");
  const row = (team: string) => ending.getByRole("listitem").filter({ hasText: team });
  await expect(row("team_books")).toContainText("Mia Ames: Closes the books of November first");
  await expect(row("team_books")).toContainText("Kept until");
  await expect(row("team_till")).toContainText("Gone, proven");
  await expect(row("team_vault")).toContainText(/Ends (?!now)/);
  await inEachForm(lev, "own-move");
});

function pageOf(name: string): Page {
  const page = pages[name];
  if (!page) throw new Error(`${name} has not signed in`);
  return page;
}

async function openFromInbox(page: Page): Promise<void> {
  await page.goto("/inbox");
  await page
    .getByRole("region", { name: "Leaving and moving" })
    .getByRole("link", { name: /^O-1: Lev Ames/ })
    .click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Lev Ames");
}

function receiptOf(page: Page, team: string) {
  return page.getByRole("table", { name: "Receipt" }).getByRole("row").filter({ hasText: team });
}

/** As it looks on a desk and on a phone, by day and by night; and nothing that axe finds there. */
async function inEachForm(page: Page, name: string): Promise<void> {
  const before = page.viewportSize() ?? { width: 1280, height: 720 };
  for (const width of [1440, 390]) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
      await page.emulateMedia({ colorScheme });
      await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", colorScheme);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html.slice(0, 120))])).toEqual([]);
      await page.screenshot({
        path: test.info().outputPath(`${name}-${width}-${colorScheme}.png`),
        fullPage: true,
      });
    }
  }
  await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: "light" });
}
