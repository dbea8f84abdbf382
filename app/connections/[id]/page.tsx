import type { Metadata, Route } from "next";
import Link from "next/link";
import { cache } from "react";
import { numberWords } from "@/components/count";
import { Environment } from "@/components/environment";
import { LinkButton } from "@/components/link-button";
import { NoOwner, Owner } from "@/components/owner";
import { PageHeader } from "@/components/page-header";
import { FactStrip } from "@/components/panel";
import { Time } from "@/components/time";
import { may } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { type ConnectionDetail, getConnection } from "@/lib/connections/queries";
import { connectorNamed } from "@/lib/connectors/registry";
import { settingsFields } from "@/lib/connectors/settings-fields";
import { nowMs } from "@/lib/time";
import { attempt } from "../../attempt";
import { ConnectionStatus } from "../connection-list";
import css from "../connections.module.css";
import { Unread } from "../unread";
import { environmentOf, isUnderWay, scheduleWords } from "../words";
import { BrakeNote } from "./brake-note";
import { ConnectionActions } from "./connection-actions";
import { FailureNote } from "./failure-note";
import { LiveSync } from "./live-sync";
import { SettingsPanel, SightPanel, UsePanel } from "./panels";
import { SyncHistory } from "./sync-history";

// Read once for the title and the page.
const readConnection = cache(async (id: string) => {
  const actor = await requireActor();
  return { actor, read: await attempt(() => getConnection(actor, id)) };
});

type Props = { params: Promise<{ id: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { read } = await readConnection((await params).id);
  return { title: read.ok ? read.value.name : "Connection" };
}

export default async function ConnectionPage({ params }: Props) {
  const { actor, read } = await readConnection((await params).id);
  if (!read.ok) return <Unread refusal={read.refusal} title="Connection" />;
  const connection = read.value;
  const [last] = connection.runs;
  const live = last && isUnderWay(last.state) ? { id: last.id, state: last.state, progress: last.progress } : null;
  const paused = connection.runs.find((run) => run.state === "paused");
  const connector = connectorNamed(connection.connector);
  const fields = connector ? settingsFields(connector.settings) : [];
  return (
    <>
      <PageHeader
        title={connection.name}
        breadcrumb={[{ label: "Connections", href: "/connections" }]}
        badges={<ConnectionStatus connection={connection} nowMs={nowMs()} />}
        actions={<Actions connection={connection} rights={rightsOf(actor)} />}
      />
      <div className={css.page}>
        <LiveSync connectionId={connection.id} initial={live} />
        {paused?.brake ? (
          <BrakeNote
            runId={paused.id}
            name={connection.name}
            brake={paused.brake}
            lastReadAt={connection.lastReadAt}
            mayResolve={may(actor, "sync:resolve")}
          />
        ) : null}
        <FailureNote connection={connection} />
        <FactStrip facts={factsOf(connection)} />
        <div className={css.columns}>
          <div className={css.column}>
            <SyncHistory runs={connection.runs} />
          </div>
          <div className={css.column}>
            <SightPanel connection={connection} />
            <UsePanel coverage={connection.coverage} />
            <SettingsPanel connection={connection} fields={fields} />
          </div>
        </div>
      </div>
    </>
  );
}

type Rights = { sync: boolean; edit: boolean; remove: boolean; create: boolean };

function rightsOf(actor: Awaited<ReturnType<typeof requireActor>>): Rights {
  return {
    sync: may(actor, "connection:sync"),
    edit: may(actor, "connection:edit"),
    remove: may(actor, "connection:remove"),
    create: may(actor, "connection:create"),
  };
}

function Actions({ connection, rights }: { connection: ConnectionDetail; rights: Rights }) {
  const isLive = connection.capabilities.includes("read");
  return (
    <>
      {rights.edit ? (
        <LinkButton variant="default" href={`/connections/${connection.id}/edit` as Route}>
          Edit
        </LinkButton>
      ) : null}
      <ConnectionActions
        connection={{ id: connection.id, name: connection.name, counts: connection.counts }}
        maySync={isLive && rights.sync && connection.status !== "paused"}
        mayRemove={rights.remove}
      />
      {!isLive && rights.create ? (
        <LinkButton
          href={
            `/connections/new?connector=${connection.connector}&name=${encodeURIComponent(connection.name)}` as Route
          }
        >
          Import a newer file
        </LinkButton>
      ) : null}
    </>
  );
}

function OwnerOf({ owner }: Pick<ConnectionDetail, "owner">) {
  if (!owner) return <NoOwner />;
  return (
    <Link href={`/identities/${owner.id}`}>
      <Owner name={owner.name} />
    </Link>
  );
}

function factsOf(connection: ConnectionDetail) {
  const { counts, unmatchedCount } = connection;
  const within = encodeURIComponent(connection.name);
  return [
    { label: "System", value: connection.label },
    { label: "Environment", value: <Environment value={environmentOf(connection.environment)} /> },
    { label: "Owner", value: <OwnerOf owner={connection.owner} /> },
    { label: "Last read", value: connection.lastReadAt ? <Time at={connection.lastReadAt} /> : "not yet" },
    {
      label: "Reads",
      value: connection.capabilities.includes("read") ? scheduleWords(connection.scheduleMinutes) : "when a file comes",
    },
    { label: "Accounts", value: <Link href={`/accounts?connection=${within}`}>{numberWords(counts.accounts)}</Link> },
    {
      label: "Unmatched",
      value: <Link href={`/accounts?unmatched=true&connection=${within}`}>{numberWords(unmatchedCount)}</Link>,
    },
    { label: "Groups", value: numberWords(counts.groups) },
    {
      label: "Resources",
      value: <Link href={`/resources?connection=${within}`}>{numberWords(counts.resources)}</Link>,
    },
    { label: "Assignments", value: numberWords(counts.assignments) },
    {
      label: "Credentials",
      value: <Link href={`/credentials?connection=${within}`}>{numberWords(counts.credentials)}</Link>,
    },
  ];
}
