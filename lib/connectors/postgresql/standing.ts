import type { AccountRef } from "../provisioning";
import type { AccessTarget } from "./access-target";
import { lookUpMembership } from "./membership-lookup";
import { lookUpObject } from "./object-lookup";
import type { Provisioner } from "./provision-session";
import { type RoleRef, roleRefOf } from "./role-ref";
import { quoted } from "./sight";

/** How things stand between an account and what it holds or does not hold, and the statements that change that. */
export type Standing = {
  /** Null where there is no such role. */
  account: string | null;
  superuser: boolean;
  /** The thing as SQL calls it; null where it is not there. */
  thing: string | null;
  givers: { name: string; ours: boolean; whole: boolean }[];
  give: string;
  take: string;
  /** Where one server keeps one grant only, whoever gave first. */
  oneGiver: boolean;
};

/** What the server has of this, now. */
export async function standing(provisioner: Provisioner, of: AccountRef, target: AccessTarget): Promise<Standing> {
  const account = roleRefOf(provisioner.cluster, of);
  return target.kind === "membership"
    ? membershipStanding(provisioner, account, roleRefOf(provisioner.cluster, target))
    : objectStanding(provisioner, account, target);
}

async function membershipStanding({ session, major }: Provisioner, account: RoleRef, role: RoleRef): Promise<Standing> {
  const found = await lookUpMembership(session, major, { account, role });
  const [group, member] = [quoted(found.on ?? ""), quoted(found.account ?? "")];
  // Before 16 there is one grant of a membership, and its options are the member's own.
  const options = major >= 16 ? " WITH INHERIT TRUE, SET TRUE GRANTED BY CURRENT_USER" : "";
  return {
    account: found.account,
    superuser: found.superuser ?? false,
    thing: found.on === null ? null : `the role ${group}`,
    givers: found.grantors,
    give: `GRANT ${group} TO ${member}${options}`,
    take: `REVOKE ${group} FROM ${member}${major >= 16 ? " GRANTED BY CURRENT_USER" : ""}`,
    oneGiver: major < 16,
  };
}

async function objectStanding(
  { session, cluster }: Provisioner,
  account: RoleRef,
  target: Extract<AccessTarget, { kind: "object" }>,
): Promise<Standing> {
  const found = await lookUpObject(session, { account, target, cluster });
  const { permission } = target;
  const who = quoted(found.account ?? "");
  const what = found.column === null ? permission : `${permission} (${quoted(found.column)})`;
  // Taking a privilege on a table takes it on its columns too, where it may have been given for another reason.
  const again = found.columns.map((column) => `; GRANT ${permission} (${quoted(column)}) ON ${found.on} TO ${who}`);
  return {
    account: found.account,
    superuser: found.superuser ?? false,
    thing: found.on,
    givers: found.grantors.map((giver) => ({ ...giver, whole: true })),
    give: `GRANT ${what} ON ${found.on} TO ${who}`,
    take: `REVOKE ${what} ON ${found.on} FROM ${who}${again.join("")}`,
    oneGiver: false,
  };
}
