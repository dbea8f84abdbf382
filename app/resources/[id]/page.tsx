import { IconCircleMinus } from "@tabler/icons-react";
import type { Metadata, Route } from "next";
import Link from "next/link";
import { cache } from "react";
import { AsOf } from "@/components/as-of";
import { numberWords } from "@/components/count";
import { Environment } from "@/components/environment";
import { Isolated } from "@/components/isolated";
import { Name } from "@/components/name";
import { NoOwner, Owner } from "@/components/owner";
import { PageHeader } from "@/components/page-header";
import { FactStrip } from "@/components/panel";
import { RefusalNote } from "@/components/refusal-note";
import { Badge } from "@/components/status-badge";
import { Tabs } from "@/components/tabs";
import { Time } from "@/components/time";
import { may } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { getResource, type ResourceDetail } from "@/lib/inventory/resource-queries";
import type { Environment as EnvironmentName } from "@/lib/inventory/schema";
import { attempt } from "../../attempt";
import { momentOf } from "../../moment";
import { AccessTab } from "./access-tab";
import { HistoryTab } from "./history-tab";
import { InsideTab } from "./inside-tab";
import css from "./resource.module.css";
import { hrefOf, type Search, searchOf, type Tab } from "./search";
import { SetOwner } from "./set-owner";

type Props = {
  params: Promise<{ id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

const read = cache(async (id: string) => attempt(async () => getResource(await requireActor(), { id })));

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const found = await read((await params).id);
  return { title: found.ok ? found.value.name : "Resource" };
}

export default async function ResourcePage({ params, searchParams }: Props) {
  const { id } = await params;
  const found = await read(id);
  if (!found.ok) return <RefusalNote refusal={found.refusal} />;
  const search = searchOf(await searchParams);
  const tab = search.tab ?? "access";
  const past = momentOf(search.at);
  return (
    <>
      <Header resource={found.value} search={search} mayEdit={may(await requireActor(), "resource:edit")} />
      {past ? (
        <p className={css.past} role="status">
          Who could reach it on <Time at={past} as="full" />.
        </p>
      ) : null}
      <div className={css.facts}>
        <FactStrip facts={factsOf(found.value)} />
      </div>
      <ResourceTabs resource={found.value} search={search} tab={tab} />
      <div className={css.page}>
        {tab === "access" ? <AccessTab id={id} search={search} /> : null}
        {tab === "inside" ? <InsideTab id={id} search={search} /> : null}
        {tab === "history" ? <HistoryTab id={id} search={search} /> : null}
      </div>
    </>
  );
}

function Header({ resource, search, mayEdit }: { resource: ResourceDetail; search: Search; mayEdit: boolean }) {
  return (
    <PageHeader
      title={resource.name}
      breadcrumb={[
        { label: "Resources", href: "/resources" },
        ...resource.within.map((one) => ({ label: one.name, href: `/resources/${one.id}` as Route })),
      ]}
      aside={resource.type}
      badges={
        resource.removedAt ? (
          <Badge tone="grey" icon={IconCircleMinus}>
            Gone
          </Badge>
        ) : undefined
      }
      actions={
        <>
          <AsOf
            path={`/resources/${resource.id}`}
            keep={{ tab: search.tab }}
            at={search.at}
            firstSeenAt={resource.firstSeenAt}
          />
          {mayEdit && !resource.removedAt ? <SetOwner resource={resource} /> : null}
        </>
      }
    />
  );
}

function factsOf(resource: ResourceDetail) {
  const { connection, owner } = resource;
  return [
    {
      label: "System",
      value: (
        <Link href={`/connections/${connection.id}` as Route} prefetch={false}>
          {connection.name}
        </Link>
      ),
    },
    { label: "Environment", value: <Environment value={connection.environment as EnvironmentName} /> },
    {
      label: "Owner",
      value: owner ? (
        <Link href={`/identities/${owner.id}`}>
          <Owner name={owner.name} />
        </Link>
      ) : (
        <OwnerAbove resource={resource} />
      ),
    },
    {
      label: "Held on it",
      value: `${numberWords(resource.entitlementCount)} ${resource.entitlementCount === 1 ? "permission" : "permissions"}`,
    },
    { label: "First seen", value: <Time at={resource.firstSeenAt} as="date" /> },
    ...(resource.externalId === resource.name
      ? []
      : [{ label: "Id there", value: <Name value={resource.externalId} mono /> }]),
    ...resource.facts.map((fact) => ({ label: fact.name, value: <Isolated value={fact.value} /> })),
  ];
}

// Whoever owns what it lies in, or else the system, answers for it.
function OwnerAbove({ resource }: { resource: ResourceDetail }) {
  const { ownerAbove } = resource;
  if (!ownerAbove) return <NoOwner />;
  return (
    <span>
      <Link href={`/identities/${ownerAbove.id}` as Route}>
        <Owner name={ownerAbove.name} />
      </Link>{" "}
      <span className={css.dim}>
        of <Isolated value={ownerAbove.of} />
      </span>
    </span>
  );
}

function ResourceTabs({ resource, search, tab }: { resource: ResourceDetail; search: Search; tab: Tab }) {
  const shown: { key: Tab; label: string; count?: number; capped?: boolean }[] = [
    { key: "access", label: "Who can reach it" },
    ...(resource.childCount > 0
      ? [
          {
            key: "inside" as const,
            label: "Inside it",
            count: resource.childCount,
            capped: resource.childCount >= 10_000,
          },
        ]
      : []),
    { key: "history", label: "History" },
  ];
  const hrefTo = (key: Tab) => hrefOf(resource.id, { at: search.at }, { tab: key === "access" ? undefined : key });
  return (
    <Tabs label="Parts of this resource" tabs={shown.map((one) => ({ ...one, href: hrefTo(one.key) }))} current={tab} />
  );
}
