import type { Metadata } from "next";
import { cache, type ReactNode } from "react";
import { RefusalNote } from "@/components/refusal-note";
import { requireActor } from "@/lib/auth/current-actor";
import { getIdentity } from "@/lib/inventory/identity-queries";
import { attempt } from "../../attempt";
import { AccessTab } from "./access-tab";
import { AccountsTab } from "./accounts-tab";
import { CredentialsTab } from "./credentials-tab";
import { HistoryTab } from "./history-tab";
import css from "./identity.module.css";
import { IdentityHeader } from "./identity-header";
import { IdentityTabs } from "./identity-tabs";
import { OwnsTab } from "./owns-tab";
import { type Search, searchOf, type Tab } from "./search";
import { UsedFromTab } from "./used-from-tab";

type Props = {
  params: Promise<{ id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

const read = cache(async (id: string) => attempt(async () => getIdentity(await requireActor(), { id })));

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const found = await read((await params).id);
  return { title: found.ok ? found.value.name : "Identity" };
}

export default async function IdentityPage({ params, searchParams }: Props) {
  const { id } = await params;
  const found = await read(id);
  if (!found.ok) return <RefusalNote refusal={found.refusal} />;
  const search = searchOf(await searchParams);
  const tab = search.tab ?? "access";
  return (
    <>
      <IdentityHeader identity={found.value} search={search} actor={await requireActor()} />
      <IdentityTabs identity={found.value} search={search} tab={tab} />
      <div className={css.page}>{contents(id, search)[tab]()}</div>
    </>
  );
}

function contents(id: string, search: Search): Record<Tab, () => ReactNode> {
  return {
    access: () => <AccessTab id={id} search={search} />,
    accounts: () => <AccountsTab id={id} />,
    credentials: () => <CredentialsTab id={id} />,
    "used-from": () => <UsedFromTab id={id} />,
    owns: () => <OwnsTab id={id} />,
    history: () => <HistoryTab id={id} search={search} />,
  };
}
