import type { Metadata, Route } from "next";
import { PageHeader } from "@/components/page-header";
import { RefusalNote } from "@/components/refusal-note";
import { authorize } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { getIdentity } from "@/lib/inventory/identity-queries";
import { attempt } from "../../attempt";
import css from "./erase.module.css";
import { EraseForm } from "./erase-form";

export const metadata: Metadata = { title: "Erase what the record holds of somebody" };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

const breadcrumb = [{ label: "Activity", href: "/activity" as Route }];

/** Takes personal values out of the record, for ever. With `of`, the form begins with what is known of that identity. */
export default async function ErasePage({ searchParams }: Props) {
  const actor = await requireActor();
  const asked = await attempt(() => authorize(actor, "record:erase", { type: "record" }));
  const { of } = await searchParams;
  const known = typeof of === "string" ? await attempt(() => getIdentity(actor, { id: of })) : null;
  const ids = known?.ok ? [known.value.id] : [];
  const texts = known?.ok ? [known.value.name, known.value.email].filter((text) => text !== null) : [];
  return (
    <>
      <PageHeader title="Erase what the record holds of somebody" breadcrumb={breadcrumb} />
      <div className={css.page}>
        {asked.ok ? (
          <>
            <p className={css.told}>
              The values go, for ever; their digests stay, so that every proof and checkpoint still holds. What was
              done, when, to which id and with which outcome remains. Exports, backups and streams from before still
              hold the values: erase them there too.
            </p>
            <EraseForm ids={ids} texts={[...new Set(texts)]} />
          </>
        ) : (
          <RefusalNote refusal={asked.refusal} />
        )}
      </div>
    </>
  );
}
