import type { Route } from "next";

/** One way into a part of the product; `icon` is its name in the frame. */
export type NavigationItem = {
  icon:
    | "overview"
    | "identities"
    | "credentials"
    | "resources"
    | "accounts"
    | "activity"
    | "destinations"
    | "connections"
    | "people"
    | "tokens"
    | "messages"
    | "sessions"
    | "ask"
    | "access"
    | "requests"
    | "grants"
    | "leaving"
    | "inbox"
    | "policies";
  label: string;
  /** In the bar of a phone, where there is room for a word. */
  short?: string;
  href: Route;
  count?: string;
};
export type NavigationGroup = { label: string | null; items: readonly NavigationItem[] };

/** A page that can be found by its name. */
export type FindablePage = Pick<NavigationItem, "label" | "href">;
