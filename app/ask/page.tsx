import type { Metadata } from "next";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";
import { RefusalNote } from "@/components/refusal-note";
import { requireActor } from "@/lib/auth/current-actor";
import { emptyState } from "@/lib/lists/schema";
import { listCatalogueSystems, listSubjects, searchCatalogue } from "@/lib/requests/catalogue-queries";
import { requestList } from "@/lib/requests/labels";
import { listRequests } from "@/lib/requests/queries";
import { attempt } from "../attempt";
import { AskForm } from "./ask-form";
import { Lately } from "./lately";

export const metadata: Metadata = { title: "Ask for access" };

type Props = { searchParams: Promise<{ q?: string | string[] }> };

export default async function AskPage({ searchParams }: Props) {
  const actor = await requireActor();
  const { q } = await searchParams;
  const words = typeof q === "string" ? q.slice(0, 200) : "";
  const mine = { ...emptyState(requestList), filters: [{ field: "mine", not: false, values: ["true"] }] };
  const read = await attempt(() =>
    Promise.all([
      listSubjects(actor),
      listCatalogueSystems(actor),
      searchCatalogue(actor, { q: words, limit: 12 }),
      listRequests(actor, { state: mine, limit: 5 }),
    ]),
  );
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const [subjects, systems, found, lately] = read.value;
  return (
    <>
      <PageHeader title="Ask for access" />
      {subjects.length === 0 ? (
        <EmptyState title="You are not in the inventory yet">
          Access belongs to an identity, and no connected system has told of yours. Ask an administrator to connect the
          system that knows you, or to match your e-mail address.
        </EmptyState>
      ) : (
        <AskForm
          subjects={subjects}
          systems={systems}
          found={found}
          words={words}
          lately={<Lately rows={lately.items} />}
        />
      )}
    </>
  );
}
