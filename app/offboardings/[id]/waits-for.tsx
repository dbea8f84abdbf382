import { Fragment } from "react";
import { Isolated } from "@/components/isolated";
import type { Deciders } from "@/lib/offboarding/decider-queries";
import css from "./run.module.css";

/** For whom a run waits, by name. */
export function WaitsFor({ who }: { who: Deciders | null }) {
  if (who === null || who.own.length + who.others.length === 0) return null;
  const { own, others, moreOthers } = who;
  return (
    <span className={css.waitsFor}>
      Waits for {own.length > 0 ? <Names names={own} /> : null}
      {own.length > 0 && others.length > 0 ? "; of security and administrators, " : null}
      {others.length > 0 ? <Names names={others} /> : null}
      {moreOthers > 0 ? ` or one of ${moreOthers} more` : null}.
    </span>
  );
}

function Names({ names }: { names: readonly string[] }) {
  return names.map((name, index) => (
    <Fragment key={name}>
      {index === 0 ? null : index === names.length - 1 ? " or " : ", "}
      <strong>
        <Isolated value={name} />
      </strong>
    </Fragment>
  ));
}
