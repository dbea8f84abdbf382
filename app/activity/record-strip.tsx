import { IconAlertTriangle, IconCircleDashed, IconRosetteDiscountCheck } from "@tabler/icons-react";
import Link from "next/link";
import { numberWords } from "@/components/count";
import { Isolated } from "@/components/isolated";
import { Time } from "@/components/time";
import type { DestinationItem } from "@/lib/audit/destination-schema";
import css from "./activity.module.css";
import { hrefOf, type Search } from "./search";

type Props = {
  state: { size: number; waiting: number; lastAt: Date | null; signed: number; signedAt: Date | null };
  destinations: readonly DestinationItem[];
  search: Search;
};

/** How far the record is signed, and where it is kept outside the database. Says only what is so. */
export function RecordStrip({ state, destinations, search }: Props) {
  return (
    <>
      <div className={css.strip}>
        <IconRosetteDiscountCheck size={18} stroke={1.7} aria-hidden />
        <span>
          <Signed state={state} /> <Anchors destinations={destinations} />
        </span>
        {state.waiting > 0 ? (
          <span className={css.waiting}>
            <IconCircleDashed size={14} stroke={1.7} aria-hidden /> {numberWords(Math.min(state.waiting, 10_000))}
            {state.waiting > 10_000 ? "+" : ""} wait for their number
          </span>
        ) : null}
        <Exports search={search} />
      </div>
      <Failing destinations={destinations.filter((one) => one.failingSince !== null && one.pausedAt === null)} />
    </>
  );
}

// Files, not pages: the browser fetches them by itself.
function Exports({ search }: Pick<Props, "search">) {
  const narrowed = hrefOf({ ...search, event: undefined, cursor: undefined }).split("?")[1];
  if (!narrowed)
    return (
      <span className={css.export}>
        <a href="/activity/export" download>
          Export with proofs
        </a>
        , as{" "}
        <a href="/activity/export?format=csv" download>
          CSV
        </a>{" "}
        or{" "}
        <a href="/activity/export?format=ocsf" download>
          OCSF
        </a>
      </span>
    );
  const of = (format: string) => `/activity/events?${narrowed}&format=${format}`;
  return (
    <span className={css.export}>
      Export these{" "}
      <a href={of("jsonl")} download>
        with proofs
      </a>
      , as{" "}
      <a href={of("csv")} download>
        CSV
      </a>{" "}
      or{" "}
      <a href={of("ocsf")} download>
        OCSF
      </a>
    </span>
  );
}

// One line however many there are: the list of events is what the page is for.
function Failing({ destinations }: Pick<Props, "destinations">) {
  const [first, ...others] = destinations;
  if (!first) return null;
  return (
    <p className={css.failing} role="alert">
      <IconAlertTriangle size={16} stroke={1.7} aria-hidden />
      <span>
        <b>
          <Isolated value={first.name} />
          {others.length > 0 ? ` and ${numberWords(others.length)} more get nothing.` : " gets nothing"}
        </b>{" "}
        {others.length === 0 ? (
          <>
            since {first.failingSince ? <Time at={first.failingSince} as="full" /> : null}:{" "}
            <Isolated value={first.lastError} />. {numberWords(first.behind)} {first.carries} wait.{" "}
          </>
        ) : null}
        <Link href="/destinations">Where it is kept</Link>
      </span>
    </p>
  );
}

function Signed({ state: { size, signed, signedAt } }: Pick<Props, "state">) {
  if (size === 0) return <>The record is empty.</>;
  if (!signedAt) return <b>{numberWords(size)} events in the record, not signed yet.</b>;
  return (
    <>
      <b>Signed up to event {numberWords(signed)}</b>, <Time at={signedAt} as="full" />
      {size > signed ? `; ${numberWords(size - signed)} newer` : ""}.
    </>
  );
}

function Anchors({ destinations }: Pick<Props, "destinations">) {
  const anchors = destinations.filter((one) => one.carries === "checkpoints" && one.arrivedAt !== null);
  if (anchors.length === 0) return <>No checkpoint is kept outside the database yet.</>;
  return (
    <span className="dimmed">
      Kept outside the database: <bdi>{anchors.map((one) => one.name).join(", ")}</bdi>.
    </span>
  );
}
