import type { Route } from "next";
import Link from "next/link";
import { EmptyState } from "@/components/empty-state";
import { KindIcon, type ShownKind } from "@/components/kind-icon";
import { Name } from "@/components/name";
import { RefusalNote } from "@/components/refusal-note";
import { TablePanel } from "@/components/table-panel";
import { Time } from "@/components/time";
import { requireActor } from "@/lib/auth/current-actor";
import {
  type GroupMember,
  listGroupManagers,
  listGroupMembers,
  listNestedMembers,
} from "@/lib/inventory/group-queries";
import { attempt } from "../../attempt";
import css from "./group.module.css";
import { hrefOf, type Search } from "./search";

const lists = {
  members: { read: listGroupMembers, label: "Members", none: "Nobody is in it" },
  nested: { read: listNestedMembers, label: "Through groups in it", none: "Nobody is in it through another group" },
  managers: { read: listGroupManagers, label: "Who manages it", none: "Nobody is known to manage it" },
} as const;

/** Who is in a group, themselves or through groups in it, or manages it. */
export async function MembersTab({ id, search }: { id: string; search: Search }) {
  const tab = search.tab === "nested" || search.tab === "managers" ? search.tab : "members";
  const { read: list, label, none } = lists[tab];
  const read = await attempt(async () => list(await requireActor(), { id, cursor: search.cursor }));
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const { items, nextCursor } = read.value;
  if (items.length === 0) return <EmptyState title={none}>As the system was last read.</EmptyState>;
  return (
    <TablePanel
      label={label}
      columns={[
        { key: "member", label: "Account or group" },
        { key: "identity", label: "Identity" },
        ...(tab === "nested" ? [{ key: "through", label: "Through" }] : []),
        { key: "how", label: "How" },
        { key: "since", label: "Since" },
      ]}
      rows={items.map((member) => ({
        key: member.id,
        cells: {
          member: <Member member={member} />,
          identity: <Identity member={member} />,
          through: member.through ? <GroupLink id={member.through.id} name={member.through.name} /> : null,
          how: howWords(member),
          since: <Time at={member.since} as="date" />,
        },
      }))}
      ways={[
        search.cursor ? { label: "First page", href: hrefOf(id, search.tab) } : null,
        nextCursor ? { label: "Next page", href: hrefOf(id, search.tab, nextCursor) } : null,
      ]}
    />
  );
}

function Member({ member }: { member: GroupMember }) {
  if (member.type === "group") return <GroupLink id={member.id} name={member.name} />;
  return <Name value={member.name} mono strong />;
}

function GroupLink({ id, name }: { id: string; name: string }) {
  return (
    <Link href={`/groups/${id}` as Route} prefetch={false} className={css.name}>
      <Name value={name} mono strong />
    </Link>
  );
}

function Identity({ member }: { member: GroupMember }) {
  if (member.type === "group") return <span className="dimmed">a group</span>;
  if (!member.identity) return <span className="dimmed">unmatched</span>;
  return (
    <Link href={`/identities/${member.identity.id}` as Route} prefetch={false} className={css.name}>
      <KindIcon kind={member.identity.kind as ShownKind} /> <Name value={member.identity.name} />
    </Link>
  );
}

function howWords({ inherits, switches, administers }: GroupMember): string {
  const words = [
    inherits ? "has its rights" : "",
    switches ? "can become it" : "",
    administers ? "can add others" : "",
  ];
  return words.filter(Boolean).join(", ");
}
