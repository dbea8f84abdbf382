import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { PageHeader } from "@/components/page-header";
import { authorize } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { describeSetup } from "@/lib/connections/describe-setup";
import { listConnectors } from "@/lib/connections/queries";
import { connectorNamed } from "@/lib/connectors/registry";
import { settingsFields } from "@/lib/connectors/settings-fields";
import { attempt } from "../../attempt";
import { ConnectForm } from "../connect-form";
import css from "../connections.module.css";
import { ImportForm } from "../import-form";
import { Unread } from "../unread";

export const metadata: Metadata = { title: "Connect a system" };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

const breadcrumb = [{ label: "Connections", href: "/connections" as const }];

export default async function NewConnectionPage({ searchParams }: Props) {
  const actor = await requireActor();
  const allowed = await attempt(() => authorize(actor, "connection:create"));
  if (!allowed.ok) return <Unread refusal={allowed.refusal} title="Connect a system" />;
  const { connector: wanted, name } = await searchParams;
  if (typeof wanted !== "string") return <Choose />;
  const connector = connectorNamed(wanted);
  if (!connector) notFound();
  const fields = settingsFields(connector.settings);
  return (
    <>
      <PageHeader
        title={connector.read ? `Connect ${connector.label}` : `Import a ${connector.label}`}
        breadcrumb={breadcrumb}
      />
      <div className={css.page}>
        {connector.read ? (
          <ConnectForm
            connector={{ name: wanted, label: connector.label, canCheck: connector.check !== undefined }}
            fields={fields}
            secretFields={settingsFields(connector.secrets)}
            setup={(await describeSetup(actor, { connector: wanted, settings: {} })).steps}
          />
        ) : (
          <ImportForm
            connector={wanted}
            label={connector.label}
            fields={fields}
            name={typeof name === "string" ? name : ""}
          />
        )}
      </div>
    </>
  );
}

function Choose() {
  return (
    <>
      <PageHeader title="Connect a system" breadcrumb={breadcrumb} />
      <div className={css.page}>
        <div className={css.choices}>
          {listConnectors().map((connector) => (
            <Link
              key={connector.name}
              className={css.choice}
              href={{ pathname: "/connections/new", query: { connector: connector.name } }}
            >
              <strong>{connector.label}</strong>
              <span className="dimmed">{connector.description}</span>
              <span className="dimmed">{connector.capabilities.includes("read") ? "Live" : "From a file"}</span>
            </Link>
          ))}
        </div>
      </div>
    </>
  );
}
