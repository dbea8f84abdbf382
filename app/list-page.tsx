import type { Route } from "next";
import { type ReactNode, Suspense } from "react";
import { HiddenByRole } from "@/components/hidden-by-role";
import css from "@/components/list/cells.module.css";
import { ColumnsMenu } from "@/components/list/columns-menu";
import { ExportLink } from "@/components/list/export-link";
import { FilterBar } from "@/components/list/filter-bar";
import { ListProvider } from "@/components/list/list-context";
import { PageHeader } from "@/components/page-header";
import { RefusalNote } from "@/components/refusal-note";
import type { PersonActor } from "@/lib/auth/actor";
import { may } from "@/lib/auth/authorize";
import { listReferenceOptions } from "@/lib/inventory/reference-queries";
import type { Total } from "@/lib/lists/run-list";
import { type ListState, parseState, type SearchParams } from "@/lib/lists/schema";
import type { ListPage as Rows } from "@/lib/lists/select";
import { now } from "@/lib/time";
import { lists, type ListPage as PageName } from "@/lib/views/labels";
import { listViews } from "@/lib/views/queries";
import { attempt } from "./attempt";
import { DropHint } from "./drop-hint";
import { ListViews, namedViews } from "./list-views";
import { TotalOf } from "./total-of";

type Props<Row> = {
  actor: PersonActor;
  page: PageName;
  title: string;
  searchParams: SearchParams;
  placeholder: string;
  read: (actor: PersonActor, input: { state: ListState }) => Promise<Rows<Row>>;
  count: (actor: PersonActor, input: { state: ListState }) => Promise<Total>;
  /** What can be done from here beside taking the list along; at most one filled button. */
  actions?: ReactNode;
  /** How many rows the reader's role keeps from them. */
  hidden?: (actor: PersonActor) => Promise<Total | null>;
  none: { title: string; text: string; href: Route; label: string };
  /** The rows; `after` stands beneath them. */
  table: (page: Rows<Row>, total: ReactNode, after: ReactNode) => ReactNode;
};

/** A list of the inventory as a page: head, views, filters, rows, and what to do where there are none. */
export async function InventoryListPage<Row>(props: Props<Row>) {
  const { actor, page, searchParams } = props;
  const list = lists[page];
  const { state, problems } = parseState(list, searchParams);
  const asOf = now().toISOString();
  const count = (counted: ListState) => props.count(actor, { state: counted });
  const read = await attempt(() =>
    Promise.all([
      props.read(actor, { state }),
      listReferenceOptions(actor, { page, filters: state.filters }),
      listViews(actor, { page }),
      props.hidden?.(actor) ?? null,
    ]),
  );
  if (!read.ok)
    return (
      <>
        <PageHeader title={props.title} />
        <RefusalNote refusal={read.refusal} />
      </>
    );
  const [rows, options, saved, hidden] = read.value;
  const total = (
    <Suspense fallback="…">
      <TotalOf count={count(state)} />
    </Suspense>
  );
  const after = (
    <>
      {rows.items.length === 0 ? (
        <DropHint page={page} state={state} options={options} count={count} none={props.none} />
      ) : null}
      {hidden ? <HiddenByRole count={hidden.value} noun={list.noun} /> : null}
    </>
  );
  return (
    <ListProvider list={list} state={state} options={options} views={namedViews(page, saved)}>
      <div className={css.page}>
        <PageHeader
          title={props.title}
          aside={total}
          actions={
            <>
              <ExportLink />
              <ColumnsMenu />
              {props.actions}
            </>
          }
        />
        <ListViews page={page} saved={saved} count={count} mayShare={may(actor, "view:share")} />
        <FilterBar placeholder={props.placeholder} asOf={asOf} problems={problems} />
        {props.table(rows, total, after)}
      </div>
    </ListProvider>
  );
}
