import type { Refusal } from "@/lib/errors";

/**
 * Goes to the issuer. The address comes from our own server by a call of this page (with next-auth's CSRF token), and
 * not by posting a form: a form's redirect to another site is what `form-action 'self'` forbids.
 * @returns why not, or null when the browser is on its way.
 */
export async function leaveForSingleSignOn(next: string): Promise<Refusal | null> {
  try {
    const { csrfToken } = await readJson(await fetch("/api/auth/csrf"));
    const body = new URLSearchParams({ csrfToken: csrfToken ?? "", callbackUrl: next, json: "true" });
    const { url } = await readJson(await fetch("/api/auth/signin/oidc", { method: "POST", body }));
    if (!url) return unreachable;
    window.location.assign(url);
    return null;
  } catch {
    return unreachable;
  }
}

const unreachable: Refusal = {
  code: "unavailable",
  message: "Rollcall could not be reached.",
  remedy: "Check your connection and try again.",
};

async function readJson(answer: Response): Promise<{ csrfToken?: string; url?: string }> {
  if (!answer.ok) throw new Error(`answered ${answer.status}`);
  return answer.json();
}
