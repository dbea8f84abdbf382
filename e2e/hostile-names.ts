import { readdirSync } from "node:fs";
import { expect, type Page } from "./journey";
import type { Doors } from "./through-issuer";

// What nobody is called, and whoever wants to run a script in a colleague's browser calls themself.

const bases = [
  "<img data-injected src=x onerror=alert(1)>",
  "<svg data-injected onload=alert(1)>",
  "<script data-injected>alert(1)</script>",
  "</script><script data-injected>alert(1)</script>",
  '"><b data-injected onmouseover=alert(1)>',
  "'><iframe data-injected src=javascript:alert(1)>",
  "</title><style data-injected>*{color:red}</style>",
  "</textarea><img data-injected src=x onerror=alert(1)>",
  "<a data-injected href=javascript:alert(1)>x</a>",
  "<math data-injected><mtext></p><img src=x onerror=alert(1)>",
  "<template data-injected><script>alert(1)</script>",
  "<base data-injected href=//evil.example/>",
  "<meta data-injected http-equiv=refresh content=0;url=//evil.example>",
  "<form data-injected action=//evil.example><input autofocus onfocus=alert(1)>",
  "[x](javascript:alert(1)) data-injected",
  "![x](//evil.example/x.png) data-injected",
  "javascript:alert('data-injected')",
  "{{constructor.constructor('alert(1)')()}} data-injected",
  "#{alert('data-injected')}",
  "&lt;img data-injected src=x onerror=alert(1)&gt;",
];
const wraps = [
  (text: string) => text,
  (text: string) => `\u202e${text}`,
  (text: string) => `${text}<!--`,
  (text: string) => `]]>${text}`,
  (text: string) => `\\u003c${text}`,
  (text: string) => text.toUpperCase().replace("DATA-INJECTED", "data-injected"),
  (text: string) => text.replaceAll(" ", "/"),
  (text: string) => `a\t${text}`,
  (text: string) => `${text}${text}`,
  (text: string) => `\u2028${text}`,
];
export const payloads = bases.flatMap((text) => wraps.map((wrap) => wrap(text)));

/** A file of a system in which everything is called so: accounts, people, groups, resources, permissions. */
export function hostileFile(): string {
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const rows = payloads.map((text, n) =>
    [`h${n}`, text, `h${n}@acme.test`, text, text, text.slice(0, 100), `kind ${text}`.slice(0, 60)].map(cell).join(","),
  );
  return ["username,name,email,group,resource,permission,resource type", ...rows].join("\n");
}

/** What a browser did on its pages that nobody asked it for: dialogs, scripts that were tried, calls elsewhere. */
export function watched(page: Page): string[] {
  const seen: string[] = [];
  page.on("dialog", (dialog) => {
    seen.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("pageerror", (error) => seen.push(`error ${error.message}`));
  page.on("console", (line) => {
    if (/Content Security Policy/i.test(line.text())) seen.push(line.text());
  });
  page.on("request", (request) => {
    if (request.url().includes("evil.example")) seen.push(request.url());
  });
  return seen;
}

/** How many elements a hostile text has become, and links that run a script. */
export function injected(page: Page): Promise<number> {
  return page.locator("[data-injected], a[href^='javascript:' i], iframe, base").count();
}

/** Every page that is not one of many. */
export function everyPage(): string[] {
  return readdirSync("app", { recursive: true, encoding: "utf8" })
    .filter((file) => /(^|\/)page\.tsx$/.test(file))
    .map((file) => `/${file.replace(/\/?page\.tsx$/, "")}`)
    .filter((path) => !path.includes("[") && !path.startsWith("/sign-in") && path !== "/open")
    .sort();
}

/** Opens each, and of the things that they lead to `most` of each kind. @returns on how many a hostile text stood */
export async function visit(page: Page, { product }: Doors, paths: readonly string[], most: number): Promise<number> {
  const left = [...paths];
  const kinds = new Map<string, number>();
  const known = new Set(left);
  let told = 0;
  for (let path = left.shift(); path !== undefined; path = left.shift()) {
    await page.goto(product + path);
    expect([path, await injected(page)]).toEqual([path, 0]);
    if ((await page.getByText("data-injected").count()) > 0) told += 1;
    const links = await page
      .locator("main a[href^='/']")
      .evaluateAll((all) => all.map((it) => it.getAttribute("href")));
    for (const link of links) {
      const kind = /^(\/[\w/-]+\/)[0-9a-f]{8}-[0-9a-f-]{27}$/.exec(link ?? "")?.[1];
      if (!link || !kind || known.has(link) || (kinds.get(kind) ?? 0) >= most) continue;
      known.add(link);
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      left.push(link);
    }
  }
  return told;
}
