import type { Metadata } from "next";
import { EmptyState } from "@/components/empty-state";
import { LinkButton } from "@/components/link-button";
import { PageHeader } from "@/components/page-header";
import { may } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { listConnections, listConnectors } from "@/lib/connections/queries";
import { nowMs } from "@/lib/time";
import { attempt } from "../attempt";
import { ConnectionList } from "./connection-list";
import { Unread } from "./unread";

export const metadata: Metadata = { title: "Connections" };

export default async function ConnectionsPage() {
  const actor = await requireActor();
  const read = await attempt(() => listConnections(actor));
  if (!read.ok) return <Unread refusal={read.refusal} title="Connections" />;
  const connections = read.value;
  const labels = new Map(listConnectors().map(({ name, label }) => [name, label]));
  const connect = may(actor, "connection:create") ? (
    <LinkButton href="/connections/new">Connect a system</LinkButton>
  ) : null;
  return (
    <>
      <PageHeader title="Connections" aside={String(connections.length)} actions={connect} />
      {connections.length === 0 ? (
        <EmptyState title="No system is connected" actions={connect}>
          Until one is, there is nothing to call the roll of.
        </EmptyState>
      ) : (
        <ConnectionList
          connections={connections.map((row) => ({ ...row, label: labels.get(row.connector) ?? row.connector }))}
          nowMs={nowMs()}
        />
      )}
    </>
  );
}
