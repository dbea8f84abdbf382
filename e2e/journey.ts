import { type Page, test as plain } from "@playwright/test";

export * from "@playwright/test";

/**
 * The runner's `test`, whose pages are opened when they answer to a press, and not as soon as they can be seen: on a
 * slow machine the words of a page are there long before React has taken it over, and a key pressed between is lost.
 */
export const test = plain.extend<object, { patient: undefined }>({
  patient: [
    async ({ browser }, use) => {
      const newContext = browser.newContext.bind(browser);
      browser.newContext = async (options) => {
        const context = await newContext(options);
        context.on("page", wait);
        return context;
      };
      await use(undefined);
    },
    { scope: "worker", auto: true },
  ],
});

function wait(page: Page): void {
  const { goto, reload } = { goto: page.goto.bind(page), reload: page.reload.bind(page) };
  page.goto = async (address, options) => {
    const answer = await goto(address, options);
    await answers(page);
    return answer;
  };
  page.reload = async (options) => {
    const answer = await reload(options);
    await answers(page);
    return answer;
  };
}

// React marks every element that it has taken over. A page that is not ours, or that is left at once, is not waited for.
async function answers(page: Page): Promise<void> {
  await page
    .waitForFunction(
      () => {
        if (!("__next_f" in window)) return true;
        const parts = document.querySelectorAll("button, input:not([type=hidden]), select, textarea, [role=separator]");
        return [...parts].every(
          (part) => part.closest("[hidden]") || Object.keys(part).some((key) => key.startsWith("__reactProps$")),
        );
      },
      undefined,
      { timeout: 15_000 },
    )
    .catch(() => undefined);
}
