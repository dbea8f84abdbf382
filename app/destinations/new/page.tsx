import type { Metadata, Route } from "next";
import Link from "next/link";
import { PageHeader } from "@/components/page-header";
import { RefusalNote } from "@/components/refusal-note";
import { addableKinds, type DestinationKind, streamKinds } from "@/lib/audit/destination-schema";
import { authorize } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { attempt } from "../../attempt";
import { DestinationForm } from "../destination-form";
import css from "../destinations.module.css";
import { kindWords } from "../labels";

export const metadata: Metadata = { title: "Add a destination" };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

const breadcrumb = [
  { label: "Activity", href: "/activity" as Route },
  { label: "Where the record is kept", href: "/destinations" as Route },
];

export default async function NewDestinationPage({ searchParams }: Props) {
  const actor = await requireActor();
  const asked = await attempt(() => authorize(actor, "record:configure", { type: "record_destination" }));
  const { kind: wanted } = await searchParams;
  const kind = addableKinds.find((known) => known === wanted);
  return (
    <>
      <PageHeader
        title={kind ? `Add a destination: ${kindWords[kind].label}` : "Add a destination"}
        breadcrumb={breadcrumb}
      />
      <div className={css.page}>
        {asked.ok ? kind ? <DestinationForm kind={kind} /> : <Choices /> : <RefusalNote refusal={asked.refusal} />}
      </div>
    </>
  );
}

function Choices() {
  return (
    <div className={css.choices}>
      <Group title="Checkpoints, which prove later that nothing was changed" kinds={["webhook", "s3"]} />
      <Group title="Events, as they happen" kinds={streamKinds} />
      <p className="dimmed">
        A file of checkpoints is written by each machine with a worker, unless ROLLCALL_ANCHOR_FILE says otherwise. Its
        place cannot be set from a page.
      </p>
    </div>
  );
}

function Group({ title, kinds }: { title: string; kinds: readonly DestinationKind[] }) {
  return (
    <section className={css.group}>
      <h2>{title}</h2>
      <div className={css.cards}>
        {kinds.map((one) => (
          <Link key={one} className={css.card} href={`/destinations/new?kind=${one}` as Route}>
            <strong>{kindWords[one].label}</strong>
            <span className="dimmed">{kindWords[one].told}</span>
          </Link>
        ))}
      </div>
    </section>
  );
}
