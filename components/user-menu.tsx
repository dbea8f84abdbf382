import { IconDeviceLaptop, IconLogout } from "@tabler/icons-react";
import Link from "next/link";
import { ColorSchemeChoice } from "./color-scheme-choice";
import css from "./user-menu.module.css";

type Props = { id?: string; className: string; signOut: (() => Promise<void>) | undefined };

/** Light or dark, one's own sessions, signing out. With an id it is a popover, opened by a button that names it. */
export function UserMenu({ id, className, signOut }: Props) {
  return (
    <div id={id} popover={id ? "auto" : undefined} className={`${css.menu} ${className}`}>
      <ColorSchemeChoice />
      <Link href="/my-sessions" className={css.entry} prefetch={false}>
        <IconDeviceLaptop size={16} stroke={1.7} aria-hidden /> My sessions
      </Link>
      {signOut ? (
        <form action={signOut}>
          <button type="submit" className={css.entry}>
            <IconLogout size={16} stroke={1.7} aria-hidden /> Sign out
          </button>
        </form>
      ) : null}
    </div>
  );
}
