import type { Metadata, Route } from "next";
import Link from "next/link";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";
import { RefusalNote } from "@/components/refusal-note";
import { requireActor } from "@/lib/auth/current-actor";
import { listPeople } from "@/lib/auth/queries";
import { attempt } from "../attempt";
import css from "./people.module.css";
import { PeopleFilters } from "./people-filters";
import { PeopleTable } from "./people-table";
import { addressOf, searchOf } from "./search";

export const metadata: Metadata = { title: "People and roles" };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function PeoplePage({ searchParams }: Props) {
  const actor = await requireActor();
  const search = searchOf(await searchParams);
  const read = await attempt(() => listPeople(actor, { ...search, limit: 100 }));
  return (
    <>
      <PageHeader title="People and roles" />
      <PeopleFilters search={search} />
      {read.ok ? (
        <div className={css.list}>
          <PeopleTable people={read.value.items} userId={actor.userId} />
          {read.value.items.length === 0 ? <Nobody /> : null}
          {read.value.nextCursor ? (
            <p className={css.more}>
              <Link href={addressOf({ ...search, cursor: read.value.nextCursor }) as Route}>The next hundred</Link>
            </p>
          ) : null}
        </div>
      ) : (
        <div className={css.page}>
          <RefusalNote refusal={read.refusal} />
        </div>
      )}
    </>
  );
}

function Nobody() {
  return (
    <EmptyState title="Nobody fits these filters" actions={<Link href="/people">Drop all filters</Link>}>
      <p>People appear here when they sign in for the first time.</p>
    </EmptyState>
  );
}
