import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { hourMs, plus } from "../../time";
import type { Message } from "../message";
import { messageEventNames } from "../schema";
import { accessEnded, accessEndingSoon, accessReady, accessToConfirm, endingFailed } from "../templates/access";
import { breakGlassReviewDue, breakGlassUsed } from "../templates/break-glass";
import { connectionTold } from "../templates/connections";
import type { GrantFacts, RequestFacts } from "../templates/facts";
import { leavingNews, leavingTold } from "../templates/offboarding";
import { decisionsDelegated, requestDecided, requestEscalated, requestWaiting } from "../templates/requests";
import { testMessage } from "../templates/test";
import { type Links, renderMail, subjectOf } from "./mail";
import { renderSlack } from "./slack";
import { renderTeams } from "./teams";
import { renderWebhook } from "./webhook";

const at = new Date("2026-11-21T12:00:00Z");
const links: Links = {
  action: "https://rollcall.example/open?link=a",
  other: "https://rollcall.example/open?link=b",
  preferences: "https://rollcall.example/my-sessions#messages",
  to: "person",
};

/** Every template, with `text` wherever somebody could have typed it. */
function everyMessage(text: string): Message[] {
  const what = [{ entitlement: text, system: text, environment: text }];
  const request: RequestFacts = {
    id: "1",
    subject: text,
    requestedBy: `${text}!`,
    what,
    reason: text,
    ticket: text,
    durationMs: 8 * hourMs,
    startsAt: at,
    longerThan: null,
    opens: { count: 1_001, capped: true, first: Array(8).fill(text), held: { count: 3, until: at } },
    conflicts: [text, text, text, text],
    path: "/requests/1",
  };
  const grant: GrantFacts = { id: "2", subject: text, what, endsAt: plus(at, hourMs), path: "/access/2" };
  return [
    requestWaiting(request, { dueAt: at }),
    requestWaiting({ ...request, longerThan: at, opens: null, conflicts: [] }, { dueAt: at, answer: text }),
    ...(["approved", "denied", "asked_back", "expired", "withdrawn", "failed"] as const).flatMap((outcome) => [
      requestDecided(request, { outcome, by: text, comment: text, askedMs: 9 * hourMs, leftOut: what }),
      requestDecided({ ...request, longerThan: at }, { outcome, by: null, comment: text, askedMs: 0, leftOut: [] }),
    ]),
    requestEscalated(request, { from: text, dueAt: null }),
    decisionsDelegated({ id: "3", from: text, startsAt: at, endsAt: at, waiting: 2, path: "/waiting" }),
    accessToConfirm(grant, { by: at }),
    accessReady(grant, { signInAs: text, collect: true }),
    accessEndingSoon(grant, { leftMs: hourMs, extendPath: "/access/2/extend" }),
    accessEnded(grant, {
      because: "revoked",
      by: text,
      provenAt: at,
      proof: [text],
      sessionsEnded: 2,
      remains: [{ what: text, until: at }],
    }),
    endingFailed(grant, { since: at, message: text, nextTryAt: at, attempts: 4 }),
    breakGlassUsed(grant, { at, reason: text, ticket: text, from: text, reviewDueAt: at }),
    breakGlassReviewDue(grant, { dueAt: at, leftMs: -1, given: 0, needed: 2, path: "/reviews/2" }),
    ...leavingNews.map((news) =>
      leavingTold(
        {
          id: "4",
          number: 4,
          name: text,
          isMachine: news === "caller",
          reason: text,
          orderedBy: text,
          shutAt: at,
          containedAt: null,
          open: 2,
        },
        news,
        text,
      ),
    ),
    ...systemNews(text).map((news) =>
      connectionTold({ id: "5", name: text, environment: text, lastReadAt: at, ...news }),
    ),
    testMessage({ by: text, at, channel: text }),
  ];
}

const systemNews = (text: string) =>
  [
    { news: "failing", failures: 3, said: text, remedy: text, nextTryAt: at },
    { news: "paused", gone: [text] },
    { news: "well" },
  ] as const;

const hostile: readonly (readonly [name: string, text: string])[] = [
  ["a script", "<script>alert(1)</script>"],
  ["an image with a handler", '"><img src=x onerror=alert(1)>'],
  ["a closed table with a link", "</td></table><a href='https://evil.example'>Approve</a>"],
  ["line breaks and headers", "subject\r\nBcc: everybody@example.com\r\n\r\n<html>"],
  ["turned direction", "\u202eevil\u2066 reversed\u2069"],
  ["mentions of Slack", "<!channel> <@U123> <https://evil.example|Approve>"],
  ["Markdown", "[Approve](https://evil.example) **bold** ![x](https://evil.example/x.png)"],
  ["expressions and formulas", "{{DATE(2017-02-14T06:08:39Z)}} =cmd|'/C calc'!A0"],
  ["control characters", "\u0000\u0007\u001b[31m\u2028\u2029\ud800"],
  ["100,000 letters", "x".repeat(100_000)],
  ["20,000 emoji", "👩‍👩‍👧‍👦".repeat(5_000)],
  ["nothing", ""],
];

const ourTags = new Set("! !doctype html head meta title style body table tr td th h1 p a br bdi".split(" "));

test("there is a template for every event", () => {
  expect([...new Set(everyMessage("a").map(({ event }) => event))].sort()).toEqual([...messageEventNames].sort());
});

test.each(hostile)("%s is text in a mail, and nothing else", (_, text) => {
  for (const message of everyMessage(text)) {
    const mail = renderMail(message, links);
    const tags = (html: string) =>
      [...html.matchAll(/<\/?([a-z0-9!]+)/gi)].map((match) => match[1]?.toLowerCase() ?? "");
    expect(tags(mail.html).filter((tag) => !ourTags.has(tag))).toEqual([]);
    expect(
      [...mail.html.matchAll(/href="([^"]*)"/g)].every(([, href]) => Object.values(links).includes(href ?? "")),
    ).toBe(true);
    const markup = [...mail.html.matchAll(/<[^>]*>/g)].join("\n");
    expect(markup).not.toMatch(/\son\w+=|src=|javascript:/i);
    expect(mail.html.split("</style>")[0]).not.toMatch(/@import|url\(/);
    expect(mail.text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/);
    expect(mail.text.length).toBeLessThan(12_000);
  }
});

test.each(hostile)("the subject made of %s is one short line", (_, text) => {
  for (const message of everyMessage(text)) {
    expect(subjectOf(message)).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+$/);
    expect([...subjectOf(message)].length).toBeLessThanOrEqual(180);
  }
});

// As Slack documents its blocks: what each may hold and how long it may be.
const mrkdwn = z.strictObject({
  type: z.literal("mrkdwn"),
  text: z.string().min(1).max(3_000),
  verbatim: z.literal(true),
});
const slackMessage = z.strictObject({
  text: z.string().min(1).max(3_000),
  unfurl_links: z.literal(false),
  unfurl_media: z.literal(false),
  blocks: z
    .array(
      z.discriminatedUnion("type", [
        z.strictObject({
          type: z.literal("section"),
          text: mrkdwn.optional(),
          fields: z
            .array(mrkdwn.extend({ text: z.string().min(1).max(2_000) }))
            .min(1)
            .max(10)
            .optional(),
        }),
        z.strictObject({
          type: z.literal("actions"),
          elements: z
            .array(
              z.strictObject({
                type: z.literal("button"),
                action_id: z.string().max(255),
                text: z.strictObject({
                  type: z.literal("plain_text"),
                  text: z.string().min(1).max(75),
                  emoji: z.boolean(),
                }),
                url: z.url().max(3_000),
                style: z.enum(["primary", "danger"]).optional(),
              }),
            )
            .min(1)
            .max(25),
        }),
        z.strictObject({ type: z.literal("context"), elements: z.array(mrkdwn).min(1).max(10) }),
      ]),
    )
    .max(50),
});

test.each(hostile)("%s fits into Slack's blocks and mentions nobody", (_, text) => {
  for (const message of everyMessage(text)) {
    const body = renderSlack(message, links);
    slackMessage.parse(JSON.parse(body));
    expect(body).not.toMatch(/<[!@#h]/);
  }
});

// As the workflow for Teams takes it, and as Adaptive Cards 1.4 describe these elements.
const run = z.strictObject({
  type: z.literal("TextRun"),
  text: z.string(),
  size: z.enum(["Default", "Small", "Medium", "Large"]).optional(),
  weight: z.enum(["Default", "Bolder"]).optional(),
  color: z.enum(["Default", "Good", "Warning", "Attention"]).optional(),
  isSubtle: z.boolean().optional(),
});
const rich = z.strictObject({ type: z.literal("RichTextBlock"), inlines: z.array(run).min(1) });
const teamsMessage = z.strictObject({
  type: z.literal("message"),
  attachments: z.tuple([
    z.strictObject({
      contentType: z.literal("application/vnd.microsoft.card.adaptive"),
      contentUrl: z.null(),
      content: z.strictObject({
        $schema: z.literal("http://adaptivecards.io/schemas/adaptive-card.json"),
        type: z.literal("AdaptiveCard"),
        version: z.literal("1.4"),
        fallbackText: z.string(),
        msteams: z.strictObject({ width: z.literal("Full") }),
        body: z.array(
          z.union([
            rich,
            z.strictObject({
              type: z.literal("ColumnSet"),
              spacing: z.enum(["Small"]),
              columns: z.array(
                z.strictObject({ type: z.literal("Column"), width: z.string(), items: z.tuple([rich]) }),
              ),
            }),
          ]),
        ),
        actions: z.array(z.strictObject({ type: z.literal("Action.OpenUrl"), title: z.string(), url: z.url() })).max(6),
      }),
    }),
  ]),
});

test.each(hostile)("%s fits into a card of Teams, below its 28 KB, as text that knows no Markdown", (_, text) => {
  for (const message of everyMessage(text)) {
    const body = renderTeams(message, links);
    teamsMessage.parse(JSON.parse(body));
    expect(Buffer.byteLength(body)).toBeLessThan(28_000);
  }
});

test("a webhook tells its event, when, and what it is about", () => {
  for (const message of everyMessage("Ann <b>")) {
    const body = JSON.parse(renderWebhook(message, { at, links }));
    expect(body).toMatchObject({ type: message.event, timestamp: "2026-11-21T12:00:00.000Z" });
    expect(body.data.link).toBe(links.action);
  }
});

test("no text that anybody could type makes markup, in any template", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      const [message] = everyMessage(text);
      if (!message) throw new Error("there are no templates");
      const { html } = renderMail(message, links);
      expect([...html.matchAll(/<h1>(.*)<\/h1>/g)][0]?.[1]?.replace(/<\/?bdi>/g, "")).not.toMatch(/[<>"']/);
      slackMessage.parse(JSON.parse(renderSlack(message, links)));
    }),
    { numRuns: 200 },
  );
});

test("the mail for a decision says what, who, why, what it opens, how long and until when", () => {
  const request: RequestFacts = {
    id: "1",
    subject: "Ann Example",
    requestedBy: "Ann Example",
    what: [{ entitlement: "SELECT on billing.invoices", system: "warehouse", environment: "production" }],
    reason: "The invoice run of October",
    ticket: "FIN-42",
    durationMs: 8 * hourMs,
    startsAt: null,
    longerThan: null,
    opens: {
      count: 1_204,
      capped: false,
      first: ["ALL on billing.ledger (admin)", "SELECT on billing.invoices"],
      held: { count: 2, until: at },
    },
    conflicts: ["pay and approve"],
    path: "/requests/1",
  };
  const { text } = renderMail(requestWaiting(request, { dueAt: at }), links);
  expect(text.replace(/[\u2068\u2069]/g, "")).toBe(`Ann Example asks for access and you can decide on it.

It would break a separation of duties: pay and approve.

Access:       SELECT on billing.invoices in warehouse
Environment:  production
Opens:        ALL on billing.ledger (admin), SELECT on billing.invoices, and 1,202 more
Held already: 2 of these, but only until Sat, 21 Nov 2026, 12:00 UTC
How long:     8 hours
Why:          The invoice run of October
Ticket:       FIN-42
Decide by:    Sat, 21 Nov 2026, 12:00 UTC

Look at the request:
https://rollcall.example/open?link=a

The page shows who else has this access and how it is used.

A link in this message opens a page of Rollcall, after you have signed in. Nothing is decided by opening it.
Choose which messages you get:
https://rollcall.example/my-sessions#messages
`);
});

test.each(hostile)("how much more opens is said beside %s, in every channel", (_, text) => {
  const [message] = everyMessage(text);
  if (!message) throw new Error("there are no templates");
  const { html, text: plain } = renderMail(message, links);
  for (const said of [html, plain, renderSlack(message, links), renderTeams(message, links)])
    expect(said).toContain("and at least 996 more");
  const { data } = JSON.parse(renderWebhook(message, { at, links }));
  expect(data.opens).toMatchObject({ count: 1_001, capped: true });
  expect(JSON.stringify(data).length).toBeLessThan(60_000);
});
