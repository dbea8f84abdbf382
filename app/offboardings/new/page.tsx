import type { Metadata } from "next";
import type { ReactNode } from "react";
import css from "@/components/access/access.module.css";
import { KindIcon } from "@/components/kind-icon";
import { PageHeader } from "@/components/page-header";
import { RefusalNote } from "@/components/refusal-note";
import { requireActor } from "@/lib/auth/current-actor";
import { previewOffboarding } from "@/lib/offboarding/preview-queries";
import { attempt } from "../../attempt";
import { ChooseLeaver } from "./choose-leaver";
import { Preview } from "./preview";
import { StartForm } from "./start-form";

export const metadata: Metadata = { title: "Somebody leaves" };

export default async function NewOffboardingPage({ searchParams }: { searchParams: Promise<{ identity?: string }> }) {
  const actor = await requireActor();
  const { identity } = await searchParams;
  const head = (title: string, icon?: ReactNode) => (
    <PageHeader title={title} icon={icon} breadcrumb={[{ label: "Leaving", href: "/offboardings" }]} />
  );
  if (!identity) {
    return (
      <>
        {head("Who leaves?")}
        <div className={css.page}>
          <ChooseLeaver />
        </div>
      </>
    );
  }
  const read = await attempt(() => previewOffboarding(actor, { identity }));
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const preview = read.value;
  const { id, name, kind } = preview.identity;
  const isMachine = kind !== "human";
  return (
    <>
      {head(isMachine ? `Retire ${name}` : `${name} leaves`, <KindIcon kind={kind} size={28} />)}
      <div className={css.page}>
        <div className={css.split}>
          <Preview preview={preview} />
          <StartForm
            identity={{ id, name }}
            isMachine={isMachine}
            goes={{
              accounts: preview.accounts.length,
              grants: preview.grants.length,
              access: preview.access.length,
              leftBehind: preview.leftBehind.length,
            }}
            consumers={preview.consumers.length}
            run={preview.run}
          />
        </div>
      </div>
    </>
  );
}
