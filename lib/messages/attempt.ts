/** How one try ended. `again` may pass by itself; `never` needs a person; `gone` asks for no more at all. */
export type Attempt = {
  outcome: "sent" | "again" | "never" | "gone";
  /** The status of the answer (HTTP or SMTP), when there was one. */
  status: number | null;
  /** What was answered, or why there was no answer; may still hold what is secret. */
  answer: string;
  retryAfter: string | null;
};

/** An answer as it may be kept and shown: none of `secrets`, no control characters, at most 500 characters. */
export function redacted(answer: string, secrets: readonly (string | undefined)[]): string {
  const hidden = secrets
    .filter((secret) => secret !== undefined && secret.length >= 4)
    .reduce<string>((text, secret) => text.replaceAll(secret ?? "", "[hidden]"), answer.slice(0, 20_000));
  return hidden
    .replace(/(\w+:\/\/[^\s:/@"]*:)[^\s@"]+@/g, "$1[hidden]@")
    .replace(/\b(Bearer|Basic) +[\w.~+/-]+=*/gi, "$1 [hidden]")
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, " ")
    .toWellFormed()
    .trim()
    .slice(0, 500);
}
