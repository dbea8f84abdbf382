import type { Metadata, Route } from "next";
import Link from "next/link";
import { cache } from "react";
import { AsOf } from "@/components/as-of";
import { numberWords } from "@/components/count";
import { Environment } from "@/components/environment";
import { Name } from "@/components/name";
import { Owner } from "@/components/owner";
import { PageHeader } from "@/components/page-header";
import { FactStrip } from "@/components/panel";
import { RefusalNote } from "@/components/refusal-note";
import { Badge } from "@/components/status-badge";
import { Time } from "@/components/time";
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
      <Header resource={found.value} search={search} />
      {past ? (
        <p className={css.past} role="status">
          Who could reach it on <Time at={past} as="full" />.
        </p>
      ) : null}
      <div className={css.facts}>
        <FactStrip facts={factsOf(found.value)} />
      </div>
      <Tabs resource={found.value} search={search} tab={tab} />
      <div className={css.page}>
        {tab === "access" ? <AccessTab id={id} search={search} /> : null}
        {tab === "inside" ? <InsideTab id={id} search={search} /> : null}
        {tab === "history" ? <HistoryTab id={id} search={search} /> : null}
      </div>
    </>
  );
}

function Header({ resource, search }: { resource: ResourceDetail; search: Search }) {
  return (
    <PageHeader
      title={resource.name}
      breadcrumb={[
        { label: "Resources", href: "/resources" },
        ...resource.within.map((one) => ({ label: one.name, href: `/resources/${one.id}` as Route })),
      ]}
      aside={resource.type}
      badges={resource.removedAt ? <Badge tone="grey">Gone</Badge> : undefined}
      actions={
        <AsOf
          path={`/resources/${resource.id}`}
          keep={{ tab: search.tab }}
          at={search.at}
          firstSeenAt={resource.firstSeenAt}
        />
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
        <span className={css.dim}>nobody is set</span>
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
    ...resource.facts.map((fact) => ({ label: fact.name, value: <bdi>{fact.value}</bdi> })),
  ];
}

function Tabs({ resource, search, tab }: { resource: ResourceDetail; search: Search; tab: Tab }) {
  const shown: { tab: Tab; label: string; count?: number }[] = [
    { tab: "access", label: "Who can reach it" },
    ...(resource.childCount > 0 ? [{ tab: "inside" as const, label: "Inside it", count: resource.childCount }] : []),
    { tab: "history", label: "History" },
  ];
  return (
    <nav className={css.tabs} aria-label="Parts of this resource">
      {shown.map((one) => (
        <Link
          key={one.tab}
          href={hrefOf(resource.id, { at: search.at }, { tab: one.tab === "access" ? undefined : one.tab })}
          aria-current={one.tab === tab ? "page" : undefined}
          prefetch={false}
          scroll={false}
        >
          {one.label}
          {one.count === undefined ? null : (
            <span className={css.count}>
              {numberWords(one.count)}
              {one.count >= 10_000 ? "+" : ""}
            </span>
          )}
        </Link>
      ))}
    </nav>
  );
}
