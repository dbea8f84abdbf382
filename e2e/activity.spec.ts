import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "./journey";

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
  // The reader's own browser checks it, and every step holds or is said not to be checked.
  await expect(panel.getByRole("status")).toHaveText(/Checked by your browser: it holds|cannot check all of it/);
  await expect(panel.getByText(/hashes lead from it to the root over/)).toBeVisible();
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

test("the record is narrowed by anyone, anything and time, and what is shown is what is exported", async ({ page }) => {
  await page.goto("/activity?in=7d&q=connection.created");
  const rows = page.getByRole("row");
  await expect(rows.nth(1)).toContainText("connection.created");
  await page.goto("/activity?action=connection.created");
  const shown = await page.getByRole("cell", { name: "connection.created", exact: true }).count();
  expect(shown).toBeGreaterThan(0);
  for (const [link, name] of [
    ["with proofs", /^activity-.*\.zip$/],
    ["CSV", /^activity-.*\.csv$/],
    ["OCSF", /^activity-.*\.jsonl$/],
  ] as const) {
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: link }).click();
    expect((await download).suggestedFilename()).toMatch(name);
  }
  const lines = await (await page.request.get("/activity/events?action=connection.created&format=ocsf")).text();
  expect(lines.trimEnd().split("\n")).toHaveLength(shown);
  await page.goto("/activity?q=there-is-no-such-word");
  await expect(page.getByText("No event matches these filters")).toBeVisible();
});

test("stories are told of an identity, a request, a grant and a leaving", async ({ page }) => {
  test.setTimeout(180_000);
  const wanted = new Map<string, { id: string; action: string }>();
  let after = "";
  do {
    const answer = await page.request.get(`/api/v1/audit/events?limit=200${after}`);
    const { items, nextCursor }: Events = await answer.json();
    for (const { action, target, details } of items) {
      if (target?.id && !wanted.has(target.type)) wanted.set(target.type, { id: target.id, action });
      // What was given to somebody is a part of their story.
      if (target?.type === "grant" && typeof details?.subjectId === "string")
        wanted.set("identity", { id: details.subjectId, action });
    }
    after = nextCursor ? `&cursor=${encodeURIComponent(nextCursor)}` : "";
  } while (after);
  for (const type of ["identity", "request", "grant", "offboarding"]) {
    const one = wanted.get(type);
    expect(one, `an event of a ${type}`).toBeDefined();
    await page.goto(`/activity/story?of=${type}:${one?.id}`);
    await expect(page.getByRole("listitem").filter({ hasText: one?.action }).first()).toBeVisible();
  }
});

type Events = {
  items: {
    action: string;
    target: { type: string; id: string | null } | null;
    details: Record<string, unknown> | null;
  }[];
  nextCursor: string | null;
};

test("a destination is made, said to fail, paused, let go on and removed", async ({ page }) => {
  await page.goto("/destinations");
  await page.getByRole("link", { name: "Add a destination" }).click();
  await page.getByRole("link", { name: /^Webhook/ }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Outside auditors");
  await page.getByRole("textbox", { name: "Address" }).fill("https://localhost/anchor");
  await page.getByRole("button", { name: "Add the destination" }).click();
  await expect(page.getByText("whsec_")).toBeVisible();
  await page.getByRole("link", { name: "Go on" }).click();
  await page.waitForURL(/\/destinations$/);
  const row = page.getByRole("row", { name: /Outside auditors/ });
  // The worker finds at its next turn that the address is a private one.
  await expect(async () => {
    await page.reload();
    await expect(row).toContainText("Gets nothing", { timeout: 2_000 });
  }).toPass({ timeout: 100_000 });
  await row.getByRole("button", { name: "Pause Outside auditors" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Pause it" }).click();
  await expect(row).toContainText("Paused");
  await row.getByRole("button", { name: "Let Outside auditors go on" }).click();
  await expect(row.getByRole("button", { name: "Pause Outside auditors" })).toBeVisible();
  await row.getByRole("button", { name: "Remove Outside auditors" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove 1 destination" }).click();
  await expect(row).toHaveCount(0);
});

test("what erasing would take is counted, and nothing goes unless its number is typed", async ({ page }) => {
  await page.goto("/activity/erase");
  await page.getByRole("textbox", { name: "Texts" }).fill("zz-nobody-of-that-name");
  await page.getByRole("textbox", { name: "Why" }).fill("asked to be forgotten");
  await page.getByRole("button", { name: "See what would go" }).click();
  await expect(page.getByText("The record holds nothing of that")).toBeVisible();
  await page.getByRole("textbox", { name: "Texts" }).fill("First administrator");
  await page.getByRole("button", { name: "See what would go" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("times who did it");
  await expect(dialog.getByRole("button", { name: /^Erase [\d,]+ parts$/ })).toBeDisabled();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
});

test("axe finds nothing on the pages of the record, light and wide, dark and on a phone", async ({ page }) => {
  test.setTimeout(240_000);
  const pages = [
    "/activity",
    "/activity?outcome=failed",
    "/activity?q=there-is-no-such-word",
    "/activity/erase",
    "/destinations",
    "/destinations/new",
    "/destinations/new?kind=s3",
    "/destinations/new?kind=syslog",
  ];
  for (const [colorScheme, width] of [
    ["light", 1440],
    ["dark", 390],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    for (const path of pages) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(
        violations.map(({ id }) => id),
        `${path}, ${width}, ${colorScheme}`,
      ).toEqual([]);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(wider, `${path}, ${width}`).toBeLessThanOrEqual(0);
    }
  }
});
