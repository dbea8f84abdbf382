import { type APIRequestContext, type APIResponse, expect } from "./journey";

/**
 * Signs in with single sign-on as a browser would, one step at a time, so that each step may reach another process.
 * @returns the answer to the callback, which has sent the session's cookie or not.
 */
export async function signInWith(
  request: APIRequestContext,
  { begin, end = begin }: { begin: string; end?: string },
): Promise<APIResponse> {
  const step = (address: string) => request.get(address, { maxRedirects: 0 });
  const { csrfToken } = await (await step(`${begin}/api/auth/csrf`)).json();
  const begun = await request.post(`${begin}/api/auth/signin/oidc`, {
    form: { csrfToken, callbackUrl: `${begin}/` },
    maxRedirects: 0,
  });
  const authorized = await step(locationOf(begun));
  const callback = new URL(locationOf(authorized));
  return step(new URL(callback.pathname + callback.search, end).href);
}

/** Where an answer leads. */
export function locationOf(answer: APIResponse): string {
  const location = answer.headers().location;
  expect(location, `${answer.url()} answered ${answer.status()} and leads nowhere`).toBeTruthy();
  return location ?? "";
}

/** Does this answer set a session's cookie? */
export function startsSession(answer: APIResponse): boolean {
  return answer
    .headersArray()
    .some(({ name, value }) => name.toLowerCase() === "set-cookie" && /^rollcall=\w/.test(value));
}
