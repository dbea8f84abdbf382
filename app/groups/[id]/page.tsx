import { IconCircleMinus } from "@tabler/icons-react";
import type { Metadata, Route } from "next";
import Link from "next/link";
import { cache, type ReactNode } from "react";
import { Count } from "@/components/count";
import { Environment } from "@/components/environment";
import { Name } from "@/components/name";
import { PageHeader } from "@/components/page-header";
import { FactStrip } from "@/components/panel";
import { RefusalNote } from "@/components/refusal-note";
import { Badge } from "@/components/status-badge";
import { Tabs } from "@/components/tabs";
import { Time } from "@/components/time";
import { requireActor } from "@/lib/auth/current-actor";
import { type GroupDetail, getGroup } from "@/lib/inventory/group-queries";
import type { Environment as EnvironmentName } from "@/lib/inventory/schema";
import { attempt } from "../../attempt";
import { GivesTab } from "./gives-tab";
import css from "./group.module.css";
import { HistoryTab } from "./history-tab";
import { MembersTab } from "./members-tab";
import { type GroupTab, hrefOf, type Search, searchOf } from "./search";

type Props = {
  params: Promise<{ id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

const read = cache(async (id: string) => attempt(async () => getGroup(await requireActor(), { id })));
const capAt = 10_000;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const found = await read((await params).id);
  return { title: found.ok ? found.value.name : "Group" };
}

export default async function GroupPage({ params, searchParams }: Props) {
  const { id } = await params;
  const found = await read(id);
  if (!found.ok) return <RefusalNote refusal={found.refusal} />;
  const group = found.value;
  const search = searchOf(await searchParams);
  return (
    <>
      <PageHeader
        title={group.name}
        aside="group"
        badges={
          group.removedAt ? (
            <Badge tone="grey" icon={IconCircleMinus}>
              Gone
            </Badge>
          ) : undefined
        }
      />
      <div className={css.facts}>
        <FactStrip facts={factsOf(group)} />
      </div>
      <Tabs label="Parts of this group" tabs={tabsOf(group)} current={search.tab} />
      <div className={css.page}>{contents(group, search)[search.tab]()}</div>
    </>
  );
}

function contents(group: GroupDetail, search: Search): Record<GroupTab, () => ReactNode> {
  return {
    members: () => <MembersTab id={group.id} search={search} />,
    nested: () => <MembersTab id={group.id} search={search} />,
    managers: () => <MembersTab id={group.id} search={search} />,
    gives: () => <GivesTab id={group.id} search={search} />,
    history: () => <HistoryTab id={group.id} search={search} />,
  };
}

function tabsOf(group: GroupDetail) {
  const shown: { key: GroupTab; label: string; count?: number }[] = [
    { key: "members", label: "Members", count: group.memberCount },
    ...(group.nestedCount > 0
      ? [{ key: "nested" as const, label: "Through groups in it", count: group.nestedCount }]
      : []),
    { key: "gives", label: "What it gives", count: group.givesCount },
    { key: "managers", label: "Who manages it", count: group.managerCount },
    { key: "history", label: "History" },
  ];
  return shown.map((one) => ({
    ...one,
    capped: one.count !== undefined && one.count >= capAt,
    href: hrefOf(group.id, one.key),
  }));
}

function factsOf(group: GroupDetail) {
  return [
    {
      label: "System",
      value: (
        <Link href={`/connections/${group.connection.id}` as Route} prefetch={false}>
          {group.connection.name}
        </Link>
      ),
    },
    { label: "Environment", value: <Environment value={group.connection.environment as EnvironmentName} /> },
    { label: "Members", value: <Count value={group.memberCount} capped={group.memberCount >= capAt} /> },
    { label: "Through groups in it", value: <Count value={group.nestedCount} capped={group.nestedCount >= capAt} /> },
    { label: "First seen", value: <Time at={group.firstSeenAt} as="date" /> },
    ...(group.externalId === group.name ? [] : [{ label: "Id there", value: <Name value={group.externalId} mono /> }]),
  ];
}
