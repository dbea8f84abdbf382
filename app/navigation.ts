import type { Route } from "next";
import type { NavigationGroup, NavigationItem } from "@/components/navigation";
import type { Actor } from "@/lib/auth/actor";
import { reachOf } from "@/lib/auth/authorize";
import type { Permission } from "@/lib/auth/permissions";

type Entry = NavigationItem & {
  /** What the page needs; with `mine` it also serves those who see only what is theirs. */
  permission: Permission;
  mine?: true;
};

const overview: Entry = { icon: "overview", label: "Overview", href: "/", permission: "identity:read", mine: true };
const identities: Entry = {
  icon: "identities",
  label: "Identities",
  href: "/identities",
  permission: "identity:read",
  mine: true,
};
const credentials: Entry = {
  icon: "credentials",
  label: "Credentials",
  href: "/credentials",
  permission: "credential:read",
  mine: true,
};
const resources: Entry = { icon: "resources", label: "Resources", href: "/resources", permission: "resource:read" };
const accounts: Entry = {
  icon: "accounts",
  label: "Accounts",
  href: "/accounts",
  permission: "identity:read",
  mine: true,
};
const activity: Entry = { icon: "activity", label: "Activity", href: "/activity", permission: "activity:read" };
const kept: Entry = {
  icon: "destinations",
  label: "Where it is kept",
  href: "/destinations",
  permission: "activity:read",
};
const connections: Entry = {
  icon: "connections",
  label: "Connections",
  href: "/connections",
  permission: "connection:read",
};
const people: Entry = { icon: "people", label: "People and roles", href: "/people", permission: "person:read" };
const tokens: Entry = { icon: "tokens", label: "API tokens", href: "/tokens" as Route, permission: "token:read" };
const messages: Entry = { icon: "messages", label: "Messages", href: "/messages", permission: "message:read" };
const sessions: Entry = {
  icon: "sessions",
  label: "My sessions",
  href: "/my-sessions",
  permission: "session:read",
  mine: true,
};

const ask: Entry = { icon: "ask", label: "Ask for access", short: "Ask", href: "/ask", permission: "request:create" };
const access: Entry = { icon: "access", label: "My access", href: "/access", permission: "grant:read", mine: true };
const inbox: Entry = {
  icon: "inbox",
  label: "Waiting for me",
  short: "Waiting",
  href: "/inbox",
  permission: "request:decide",
  mine: true,
};
const requests: Entry = {
  icon: "requests",
  label: "Requests",
  short: "Requests",
  href: "/requests",
  permission: "request:read",
};
const grants: Entry = { icon: "grants", label: "Grants", href: "/grants", permission: "grant:read" };
const leaving: Entry = { icon: "leaving", label: "Leaving", href: "/offboardings", permission: "offboarding:read" };
const policies: Entry = { icon: "policies", label: "Policies", href: "/policies", permission: "policy:read" };
const myRequests: Entry = { ...requests, label: "My requests", mine: true };
const myLeavers: Entry = { ...leaving, mine: true };
const whatIOwn: Entry = { ...identities, label: "What I own" };

const groups: { label: string | null; items: Entry[] }[] = [
  { label: null, items: [overview, inbox] },
  { label: "Inventory", items: [identities, credentials, resources, accounts] },
  { label: "Access", items: [ask, access, requests, grants, leaving] },
  { label: "Record", items: [activity, kept] },
  { label: "Set-up", items: [connections, policies, people, tokens, messages] },
];
// Who sees only their own begins with what they came for.
const ownGroups: typeof groups = [
  { label: null, items: [overview, ask, access, myRequests, whatIOwn, inbox] },
  { label: "Mine", items: [credentials, accounts, myLeavers, sessions] },
];

/** The ways into the product that serve this reader. @param waiting how much waits for them, in words */
export function navigationFor(actor: Actor, waiting?: string): NavigationGroup[] {
  return (seesAll(actor) ? groups : ownGroups)
    .map(({ label, items }) => ({ label, items: counted(itemsFor(actor, items), waiting) }))
    .filter((group) => group.items.length > 0);
}

/** The four of them that a phone shows at its foot. */
export function phoneNavigationFor(actor: Actor, waiting?: string): NavigationItem[] {
  const entries = seesAll(actor)
    ? [overview, inbox, identities, grants, activity, sessions]
    : [ask, access, myRequests, inbox, sessions];
  return counted(itemsFor(actor, entries), waiting).slice(0, 4);
}

function seesAll(actor: Actor): boolean {
  return reachOf(actor, "identity:read") === "all";
}

function counted(items: NavigationItem[], waiting: string | undefined): NavigationItem[] {
  return waiting === undefined
    ? items
    : items.map((item) => (item.icon === "inbox" ? { ...item, count: waiting } : item));
}

function itemsFor(actor: Actor, entries: Entry[]): NavigationItem[] {
  return entries
    .filter(({ permission, mine }) => {
      const reach = reachOf(actor, permission);
      return reach === "all" || (reach === "own" && mine === true);
    })
    .map(({ icon, label, short, href }) => ({ icon, label, href, ...(short ? { short } : {}) }));
}
