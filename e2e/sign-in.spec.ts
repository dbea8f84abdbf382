import { request } from "node:http";
import AxeBuilder from "@axe-core/playwright";
import { type Browser, type BrowserContext, expect, type Page, test } from "./journey";
import { type Issuer, startIssuer } from "./start-issuer";
import { type Product, startProduct } from "./start-product";
import { signedInAs, throughIssuer } from "./through-issuer";

// A product of its own, which knows a real OpenID provider, so that nobody here disturbs the other journeys.
const ports = { product: 4320, issuer: 4321 };
const address = `http://localhost:${ports.product}`;
const doors = { product: address, issuer: `http://localhost:${ports.issuer}` };
const nobody = { cookies: [], origins: [] };
let issuer: Issuer;
let product: Product;

test.use({ baseURL: address, storageState: nobody });

test.beforeAll(async () => {
  test.setTimeout(300_000);
  issuer = await startIssuer(ports.issuer, address);
  product = await startProduct({
    port: ports.product,
    env: {
      NEXTAUTH_URL: address,
      OIDC_ISSUER: issuer.address,
      OIDC_CLIENT_ID: "rollcall",
      OIDC_CLIENT_SECRET: "a-secret-of-the-test-only",
      OIDC_NAME: "Acme",
    },
  });
});

test.afterAll(async () => {
  await product?.stop();
  await issuer?.stop();
});

test("single sign-on gives the role of the group, and after signing out the old cookie opens nothing", async ({
  page,
  browser,
}) => {
  await page.goto("/people?status=active");
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await throughIssuer(page, doors, "sam");
  await expect(page).toHaveURL(/\/people\?status=active$/);
  await expect(page.getByRole("row", { name: /Sam Ames \(you\)/ })).toContainText("security, member");

  const cookies = await page.context().cookies();
  expect(cookies.find(({ name }) => name === "rollcall")).toMatchObject({ httpOnly: true, sameSite: "Lax" });
  await signOut(page);
  await expect(page.getByRole("status")).toContainText("signed out");

  const thief = await browser.newContext({ baseURL: address, storageState: { cookies, origins: [] } });
  expect((await thief.request.get("/api/v1/identities")).status()).toBe(401);
  const stolen = await thief.newPage();
  await stolen.goto("/people");
  await expect(stolen).toHaveURL(/\/sign-in/);
  await thief.close();
});

test("groups become roles, and a member is told that people are hidden by their role", async ({ browser }) => {
  const administrator = await signedInAs(browser, doors, "ada");
  await administrator.goto("/people");
  await expect(administrator.getByRole("row", { name: /Ada Ames \(you\)/ })).toContainText("administrator, member");
  const member = await signedInAs(browser, doors, "mia");
  const answer = await member.goto("/people");
  expect(answer?.status()).toBe(403);
  await expect(member.getByRole("heading", { name: "Hidden by your role" })).toBeVisible();
});

test("a passkey is added, and signs in the next time", async ({ browser }) => {
  const page = await signedInAs(browser, doors, "pam");
  await addVirtualAuthenticator(page);
  await page.goto("/my-sessions");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name of the passkey").fill("Key on the desk");
  await dialog.getByRole("button", { name: "Add a passkey" }).click();
  await expect(page.getByRole("table", { name: "Passkeys" })).toContainText("Key on the desk");

  await signOut(page);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.waitForURL((url) => url.pathname === "/");
  await page.goto("/my-sessions");
  await expect(page.getByRole("row", { name: /This one/ })).toContainText("Passkey");

  await page.getByRole("button", { name: "Remove the passkey Key on the desk" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove 1 passkey" }).click();
  await expect(page.getByText("You have none.")).toBeVisible();
  await signOut(page);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(page.getByRole("alert").first()).toContainText("did not let you in");
});

test("ending a session refuses the very next request made in it", async ({ browser }) => {
  const here = await signedInAs(browser, doors, "sam");
  const there = await signedInAs(browser, doors, "sam");
  await there.goto("/my-sessions");
  await here.goto("/my-sessions");
  await here.getByRole("button", { name: "End all others" }).click();
  await here
    .getByRole("dialog")
    .getByRole("button", { name: /^End \d+ other session/ })
    .click();
  await expect(here.getByRole("table", { name: "Sessions" }).getByRole("row")).toHaveCount(2);

  expect((await there.request.get("/api/v1/identities")).status()).toBe(401);
  await there.goto("/my-sessions");
  await expect(there).toHaveURL(/\/sign-in/);
  await here.reload();
  await expect(here.getByRole("heading", { name: "My sessions" })).toBeVisible();
});

test("a disabled person is out at once, and is told why at the next sign-in", async ({ browser }) => {
  const member = await signedInAs(browser, doors, "lev");
  const administrator = await signedInAs(browser, doors, "ada");
  await administrator.goto("/people?q=lev");
  await administrator.getByRole("link", { name: "Lev Ames" }).click();
  await administrator.getByRole("button", { name: "Disable" }).click();
  const dialog = administrator.getByRole("dialog");
  await expect(dialog).toContainText("1 session ends");
  await dialog.getByRole("button", { name: "Disable 1 person" }).click();
  await expect(administrator.getByText("Disabled").first()).toBeVisible();

  expect((await member.request.get("/api/v1/identities")).status()).toBe(401);
  await member.goto("/my-sessions");
  await expect(member).toHaveURL(/\/sign-in/);
  await throughIssuer(member, doors, "lev");
  await expect(member.getByRole("alert").first()).toContainText("Your access to Rollcall is disabled.");
});

test("nobody changes their own roles, and another administrator's change counts at once", async ({ browser }) => {
  const administrator = await signedInAs(browser, doors, "ada");
  const member = await signedInAs(browser, doors, "mia");
  await administrator.goto("/people?q=ada");
  await administrator.getByRole("link", { name: /Ada Ames/ }).click();
  await expect(administrator.getByText("Nobody changes their own roles")).toBeVisible();
  await expect(administrator.getByRole("checkbox", { name: "member" })).toBeDisabled();

  await administrator.goto("/people?q=mia");
  await administrator.getByRole("link", { name: "Mia Ames" }).click();
  await administrator.getByRole("checkbox", { name: "auditor" }).check();
  await administrator.getByRole("button", { name: "Save roles" }).click();
  await expect(administrator.getByText("set by a person here")).toBeVisible();
  expect((await member.goto("/people"))?.status()).toBe(200);
});

test("a sign-in that this browser did not begin is refused, and leads nowhere else", async ({ page, request }) => {
  await page.goto("/api/auth/callback/oidc?code=stolen&state=forged");
  await expect(page).toHaveURL(/\/sign-in\?.*error=OAuthCallback$/);
  await expect(page.getByRole("alert").first()).toContainText("did not confirm who you are");
  await page.goto("/sign-in?next=https://evil.example");
  await throughIssuer(page, doors, "sam");
  await expect(page).toHaveURL(`${address}/`);
  for (const path of ["session", "signout", "providers", "verify-request", "callback/credentials"]) {
    expect((await request.get(`/api/auth/${path}`)).status(), path).toBe(404);
  }
});

test("an address that the caller made up is not the one that is kept", async ({ browser }) => {
  const context = await browser.newContext({
    baseURL: address,
    storageState: nobody,
    extraHTTPHeaders: { "x-forwarded-for": "9.9.9.9", "x-rollcall-peer": "8.8.8.8" },
  });
  const page = await context.newPage();
  await page.goto("/sign-in?next=/my-sessions");
  await throughIssuer(page, doors, "tom");
  const row = page.getByRole("row", { name: /This one/ });
  await expect(row).toContainText(/127\.0\.0\.1|::1/);
  await expect(row).not.toContainText(/9\.9\.9\.9|8\.8\.8\.8/);
  await context.close();
});

test("an act of ours, sent again from another site, is refused", async ({ browser }) => {
  const page = await signedInAs(browser, doors, "eve");
  const other = await signedInAs(browser, doors, "eve");
  await page.goto("/my-sessions");
  const [sent] = await Promise.all([
    page.waitForRequest((request) => request.method() === "POST"),
    page
      .getByRole("button", { name: /^End the session/ })
      .first()
      .click(),
  ]);
  await expect(page.getByRole("button", { name: "End all others" })).toBeHidden();
  const { host: _, "content-length": __, ...headers } = await sent.allHeaders();
  const data = sent.postDataBuffer() ?? Buffer.from("");
  for (const [name, value] of [
    ["origin", "https://evil.example"],
    ["origin", "null"],
    ["sec-fetch-site", "cross-site"],
  ] as const) {
    const answer = await page.request.post("/my-sessions", { headers: { ...headers, [name]: value }, data });
    expect(await answer.text()).not.toContain('"ok":true');
  }
  await other.context().close();
});

test("every page carries the security headers, runs under its policy, and axe finds nothing", async ({ browser }) => {
  const page = await signedInAs(browser, doors, "ada");
  const violations: string[] = [];
  page.on("console", (message) => {
    if (/Content Security Policy/.test(message.text())) violations.push(message.text());
  });
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const path of ["/my-sessions", "/people"]) {
      await checkPage(page, path);
    }
  }
  const stranger = await newPage(browser);
  for (const path of ["/sign-in", "/sign-in/link"]) await checkPage(stranger, path);
  expect(violations).toEqual([]);
});

test("no page of the product breaks its own policy", async ({ browser }) => {
  test.setTimeout(180_000);
  const page = await signedInAs(browser, doors, "ada");
  const violations: string[] = [];
  page.on("console", (message) => {
    if (/Content Security Policy/.test(message.text())) violations.push(`${page.url()}: ${message.text()}`);
  });
  const lists = ["/", "/identities", "/credentials", "/resources", "/accounts", "/activity", "/connections"];
  for (const path of [...lists, "/connections/new"]) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(200);
    expect(answer?.headers()["cache-control"], path).toContain("no-store");
    await page.waitForLoadState("networkidle");
  }
  for (const list of ["/identities", "/resources", "/connections"]) {
    await page.goto(list);
    const hrefs = await page.locator("main a").evaluateAll((links) => links.map((it) => it.getAttribute("href") ?? ""));
    const one = hrefs.find((href) => new RegExp(`^${list}/[0-9a-f-]{36}`).test(href));
    if (one === undefined) continue;
    await page.goto(one);
    await page.waitForLoadState("networkidle");
  }
  expect(violations).toEqual([]);
});

test("no header, and no way of writing the path, leads past the sign-in", async ({ request }) => {
  const tricks: [string, Record<string, string>][] = [
    ["/people", { "x-middleware-subrequest": "proxy:proxy:proxy:proxy:proxy" }],
    ["/people", { "x-middleware-subrequest": "middleware:middleware:middleware:middleware:middleware" }],
    ["/people", { rsc: "1" }],
    ["/people.rsc", {}],
    ["/people?_rsc=1", { rsc: "1", "next-router-prefetch": "1" }],
    ["/people", { rsc: "1", "next-router-segment-prefetch": "/_tree" }],
    ["//people", {}],
    ["/People", {}],
    ["/%70eople", {}],
    ["/people/", { accept: "*/*" }],
    ["/_next/data/x/people.json", {}],
    ["/people", { "x-rollcall-path": "/", "x-nonce": "x", cookie: "rollcall=forged" }],
    ["/people", { "x-forwarded-host": "evil.example" }],
  ];
  for (const [path, headers] of tricks) {
    const answer = await request.get(`${address}${path}`, { headers, maxRedirects: 0 });
    const body = await answer.text();
    expect(body, `${path} ${JSON.stringify(headers)}`).not.toContain("acme.test");
    expect(answer.headers().location ?? "", path).not.toContain("evil.example");
  }
});

test("a websocket is refused, whatever it asks for", async () => {
  for (const path of ["/", "/people", "http://127.0.0.1:1/"]) {
    expect(await upgradeStatus(path), path).not.toBe(101);
  }
});

function upgradeStatus(path: string): Promise<number> {
  const headers = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
  };
  return new Promise((resolve) => {
    const call = request({ port: ports.product, path, headers });
    call.on("upgrade", () => resolve(101));
    call.on("response", (answer) => resolve(answer.statusCode ?? 0));
    call.on("error", () => resolve(0));
    call.end();
  });
}

async function checkPage(page: Page, path: string): Promise<void> {
  const answer = await page.goto(path);
  const headers = answer?.headers() ?? {};
  const policy = headers["content-security-policy"] ?? "";
  expect(policy).toMatch(/script-src 'self' 'nonce-[\w+/=]+' 'strict-dynamic';/);
  expect(policy).toMatch(/style-src 'self' 'nonce-[\w+/=]+';/);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(headers["cache-control"]).toContain("no-store");
  expect(headers["cache-control"]).toContain("private");
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers["referrer-policy"]).toBe("same-origin");
  expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
  expect(headers["x-powered-by"]).toBeUndefined();
  const found = await new AxeBuilder({ page }).analyze();
  expect(found.violations.map(({ id, nodes }) => `${path}: ${id} ${nodes[0]?.html}`)).toEqual([]);
}

async function newPage(browser: Browser): Promise<Page> {
  const context: BrowserContext = await browser.newContext({ baseURL: address, storageState: nobody });
  return context.newPage();
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: /Ames/ }).first().click();
  await page.getByRole("button", { name: "Sign out" }).first().click();
  await page.waitForURL(/\/sign-in/);
}

async function addVirtualAuthenticator(page: Page): Promise<void> {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send("WebAuthn.enable");
  await devTools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}
