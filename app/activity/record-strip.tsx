import { IconAlertTriangle, IconCircleDashed, IconRosetteDiscountCheck } from "@tabler/icons-react";
import { numberWords } from "@/components/count";
import { Isolated } from "@/components/isolated";
import { Time } from "@/components/time";
import type { DestinationItem } from "@/lib/audit/destination-schema";
import css from "./activity.module.css";

type Props = {
  state: { size: number; waiting: number; lastAt: Date | null; signed: number; signedAt: Date | null };
  destinations: DestinationItem[];
};

/** How far the record is signed, and where it is kept outside the database. Says only what is so. */
export function RecordStrip({ state, destinations }: Props) {
  const failing = destinations.filter((one) => one.failingSince !== null);
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
        {/* Files, not pages: the browser fetches them by itself. */}
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
      </div>
      {failing.map((one) => (
        <p key={one.id} className={css.failing} role="alert">
          <IconAlertTriangle size={16} stroke={1.7} aria-hidden />
          <span>
            <b>
              <Isolated value={one.name} /> gets nothing
            </b>{" "}
            since {one.failingSince ? <Time at={one.failingSince} as="full" /> : null}:{" "}
            <Isolated value={one.lastError} />. {numberWords(one.behind)} {one.carries} wait; tried{" "}
            {numberWords(one.failuresInRow)} times
            {one.nextTryAt ? (
              <>
                , next <Time at={one.nextTryAt} as="full" />
              </>
            ) : null}
            .
          </span>
        </p>
      ))}
    </>
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
