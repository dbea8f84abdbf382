import type { Metadata } from "next";
import css from "@/components/access/access.module.css";
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
  const head = (title: string) => (
    <PageHeader title={title} breadcrumb={[{ label: "Leaving", href: "/offboardings" }]} />
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
  return (
    <>
      {head(`${preview.identity.name} leaves`)}
      <div className={css.page}>
        <Preview preview={preview} />
        <StartForm
          identity={{ id: preview.identity.id, name: preview.identity.name }}
          isMachine={preview.identity.kind !== "human"}
          goes={preview.accounts.length + preview.grants.length + preview.access.length}
          consumers={preview.consumers.length}
          run={preview.run}
        />
      </div>
    </>
  );
}
