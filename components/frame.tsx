import {
  IconActivity,
  IconApi,
  IconDatabase,
  IconDatabaseExport,
  IconDeviceLaptop,
  IconDoorExit,
  IconHourglass,
  IconInbox,
  IconKey,
  IconLayoutDashboard,
  IconListDetails,
  IconMail,
  IconMenu2,
  IconPlugConnected,
  IconScale,
  IconSearch,
  IconSend,
  IconShieldCheck,
  IconUserQuestion,
  IconUsersGroup,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { FindAnything } from "./find-anything";
import css from "./frame.module.css";
import { Isolated } from "./isolated";
import { Logo } from "./logo";
import type { NavigationGroup, NavigationItem } from "./navigation";
import { NavigationLink } from "./navigation-link";
import { Initials } from "./owner";
import { Shell } from "./shell";
import { UserMenu } from "./user-menu";

const icons = {
  overview: IconLayoutDashboard,
  identities: IconListDetails,
  credentials: IconKey,
  resources: IconDatabase,
  accounts: IconUserQuestion,
  activity: IconActivity,
  destinations: IconDatabaseExport,
  connections: IconPlugConnected,
  people: IconUsersGroup,
  tokens: IconApi,
  messages: IconMail,
  sessions: IconDeviceLaptop,
  ask: IconSend,
  access: IconKey,
  requests: IconHourglass,
  grants: IconShieldCheck,
  leaving: IconDoorExit,
  inbox: IconInbox,
  policies: IconScale,
} as const satisfies Record<NavigationItem["icon"], unknown>;

type Props = {
  organisation: string;
  person: { name: string; role: string };
  navigation: readonly NavigationGroup[];
  /** Up to four, for the bar at the bottom of a phone; the fifth opens the rest. */
  phone: readonly NavigationItem[];
  /** At the rail's foot: the state of the log and of the systems. */
  foot: ReactNode;
  /** Ends the session; a button of the user's menu. */
  signOut?: () => Promise<void>;
  children: ReactNode;
};

/** What is around every page: the rail, on a phone the bar of five, and finding anything. */
export function Frame({ organisation, person, navigation, phone, foot, signOut, children }: Props) {
  const rail = (
    <Groups groups={navigation}>
      <div className={css.foot}>{foot}</div>
    </Groups>
  );
  const before = (
    <>
      <a href="#content" className={css.skip}>
        Skip to content
      </a>
      <aside className={css.rail} aria-label="Rollcall">
        <div className={css.brand}>
          <Logo />
          <span className={css.product}>Rollcall</span>
          <span className={css.organisation}>{organisation}</span>
        </div>
        <button type="button" className={css.find} data-find aria-keyshortcuts="Control+K">
          <IconSearch size={16} stroke={1.7} aria-hidden />
          Find anything <kbd>Ctrl K</kbd>
        </button>
        {rail}
        <button type="button" className={css.person} popoverTarget="user-menu">
          <Initials name={person.name} size={22} />
          <span className={css.personName}>
            <Isolated value={person.name} />
          </span>
          <span className={css.role}>{person.role}</span>
        </button>
        <UserMenu id="user-menu" className={css.userMenu ?? ""} signOut={signOut} />
      </aside>
    </>
  );
  const after = (
    <>
      <PhoneBar items={phone}>
        {rail}
        <UserMenu signOut={signOut} className={css.sheetMenu ?? ""} />
      </PhoneBar>
      <FindAnything pages={navigation.flatMap((group) => group.items.map(({ label, href }) => ({ label, href })))} />
    </>
  );
  return (
    <Shell className={css.frame ?? ""} before={before} after={after}>
      <main id="content" className={css.main} tabIndex={-1}>
        {children}
      </main>
    </Shell>
  );
}

/** Four ways and a fifth that opens the rest. */
function PhoneBar({ items, children }: { items: readonly NavigationItem[]; children: ReactNode }) {
  return (
    <>
      <nav className={css.bar} aria-label="Main, on a phone">
        {items.map((item) => (
          <PhoneItem key={item.href} item={item} />
        ))}
        <button type="button" popoverTarget="more" className={css.more}>
          <IconMenu2 size={18} stroke={1.7} aria-hidden />
          More
        </button>
      </nav>
      <div id="more" popover="auto" role="dialog" aria-label="More" className={css.sheet}>
        {children}
      </div>
    </>
  );
}

function Groups({ groups, children }: { groups: readonly NavigationGroup[]; children: ReactNode }) {
  return (
    <>
      <nav className={css.groups} aria-label="Main">
        {groups.map((group) => (
          <div key={group.label ?? ""} className={css.group}>
            {group.label ? <p className={css.groupLabel}>{group.label}</p> : null}
            <ul>
              {group.items.map((item) => (
                <li key={item.href}>
                  <Item item={item} />
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      {children}
    </>
  );
}

/** One word, and how much waits behind it. */
function PhoneItem({ item }: { item: NavigationItem }) {
  const Icon = icons[item.icon];
  return (
    <NavigationLink href={item.href} className={css.item ?? ""}>
      <Icon size={18} stroke={1.7} aria-hidden />
      <span>
        {item.short ?? item.label}
        {item.count ? `, ${item.count}` : null}
      </span>
    </NavigationLink>
  );
}

function Item({ item }: { item: NavigationItem }) {
  const Icon = icons[item.icon];
  return (
    <NavigationLink href={item.href} className={css.item ?? ""}>
      <Icon size={18} stroke={1.7} aria-hidden />
      <span>{item.label}</span>
      {item.count ? <span className={css.count}>{item.count}</span> : null}
    </NavigationLink>
  );
}
