import type { LastUse as Use } from "@/lib/inventory/schema";
import css from "./last-use.module.css";
import { Time } from "./time";

/** The line and its words: solid for used, dashed for not used since, dotted for unknown and why. */
export function LastUse({ use, className }: { use: Use; className?: string }) {
  return (
    <span className={className ? `${css.use} ${className}` : css.use} data-state={use.state}>
      <UseLine state={use.state} />
      <span className={css.words}>
        <Words use={use} />
      </span>
    </span>
  );
}

/** The line alone, as in figures and legends. */
export function UseLine({ state }: { state: Use["state"] }) {
  return <span className={css.line} data-state={state} aria-hidden />;
}

function Words({ use }: { use: Use }) {
  if (use.state === "used" && use.at) return <Time at={use.at} />;
  if (use.state === "not_used")
    return use.since ? (
      <>
        not since <Time at={use.since} as="date" />
      </>
    ) : (
      <>not used</>
    );
  const because = use.because || "the source does not say";
  return (
    <>
      unknown,{" "}
      <span className={css.because} data-tip={because}>
        {because}
      </span>
    </>
  );
}
