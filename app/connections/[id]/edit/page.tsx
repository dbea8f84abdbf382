import type { Metadata, Route } from "next";
import { PageHeader } from "@/components/page-header";
import { authorize } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { getConnection } from "@/lib/connections/queries";
import { connectorNamed } from "@/lib/connectors/registry";
import { settingsFields } from "@/lib/connectors/settings-fields";
import { attempt } from "../../../attempt";
import css from "../../connections.module.css";
import { Unread } from "../../unread";
import { EditForm } from "./edit-form";

export const metadata: Metadata = { title: "Edit connection" };

export default async function EditConnectionPage({ params }: { params: Promise<{ id: string }> }) {
  const actor = await requireActor();
  const { id } = await params;
  const read = await attempt(async () => {
    await authorize(actor, "connection:edit", { type: "connection", id });
    return getConnection(actor, id);
  });
  if (!read.ok) return <Unread refusal={read.refusal} title="Edit" />;
  const connection = read.value;
  const connector = connectorNamed(connection.connector);
  if (!connector) return null;
  const { name, environment, isIdentitySource, scheduleMinutes, brakeKindShare, brakeAssignmentShare } = connection;
  return (
    <>
      <PageHeader
        title="Edit"
        breadcrumb={[
          { label: "Connections", href: "/connections" },
          { label: name, href: `/connections/${connection.id}` as Route },
        ]}
      />
      <div className={css.page}>
        <EditForm
          connection={{
            id: connection.id,
            connector: connection.connector,
            isLive: connector.read !== undefined,
            canCheck: connector.check !== undefined,
            settings: connection.settings,
            general: {
              name,
              environment,
              isIdentitySource,
              schedule: scheduleMinutes === null ? "" : String(scheduleMinutes),
            },
            owner: connection.owner,
            brakeKindShare,
            brakeAssignmentShare,
          }}
          fields={settingsFields(connector.settings)}
          secretFields={settingsFields(connector.secrets)}
        />
      </div>
    </>
  );
}
