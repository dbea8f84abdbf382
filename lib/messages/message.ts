import type { MessageEvent } from "./schema";

/** A sentence: words of ours, and values from outside, which every rendering makes harmless in its own way. */
export type Sentence = readonly (string | { readonly value: string })[];

/** A way on: a path on this site. */
export type Way = { label: string; path: string };

/** What is to be said, before anybody knows by which way. Made by a template. */
export type Message = {
  event: MessageEvent;
  /** One line; begins a mail's subject and a chat's notification. */
  subject: Sentence;
  lead: readonly Sentence[];
  facts: readonly { label: string; value: string }[];
  action: Way | null;
  other?: Way | null;
  note?: Sentence | null;
  tone: "plain" | "good" | "warning" | "danger";
  /** Shared by messages on one thing, such as `request-` and its id. */
  thread: string | null;
  /** For programs: what it is about, in plain JSON without markup. */
  data: Readonly<Record<string, unknown>>;
};

/** A sentence whose every `${value}` is taken for text from outside. */
export function say(words: TemplateStringsArray, ...values: (string | number)[]): Sentence {
  return words.flatMap((word, i) => {
    const value = values[i];
    return value === undefined ? [word] : [word, { value: String(value) }];
  });
}
