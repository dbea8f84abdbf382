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
const connections: Entry = {
  icon: "connections",
  label: "Connections",
  href: "/connections",
  permission: "connection:read",
};
const people: Entry = { icon: "people", label: "People and roles", href: "/people", permission: "person:read" };
const messages: Entry = { icon: "messages", label: "Messages", href: "/messages", permission: "message:read" };
const sessions: Entry = {
  icon: "sessions",
  label: "My sessions",
  href: "/my-sessions",
  permission: "session:read",
  mine: true,
};

const groups: { label: string | null; items: Entry[] }[] = [
  { label: null, items: [overview] },
  { label: "Inventory", items: [identities, credentials, resources, accounts] },
  { label: "Record", items: [activity] },
  { label: "Set-up", items: [connections, people, messages] },
];

/** The ways into the product that serve this reader. */
export function navigationFor(actor: Actor): NavigationGroup[] {
  return groups
    .map(({ label, items }) => ({ label, items: itemsFor(actor, items) }))
    .filter((group) => group.items.length > 0);
}

/** The four of them that a phone shows at its foot. */
export function phoneNavigationFor(actor: Actor): NavigationItem[] {
  return itemsFor(actor, [overview, identities, resources, activity, credentials, sessions]).slice(0, 4);
}

function itemsFor(actor: Actor, entries: Entry[]): NavigationItem[] {
  return entries
    .filter(({ permission, mine }) => {
      const reach = reachOf(actor, permission);
      return reach === "all" || (reach === "own" && mine === true);
    })
    .map(({ icon, label, href }) => ({ icon, label, href }));
}
