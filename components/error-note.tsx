import { IconAlertOctagon } from "@tabler/icons-react";
import type { ReactNode } from "react";
import css from "./notes.module.css";
import { Time } from "./time";

type Props = {
  /** Which system or object: "ldap-emea could not be read". */
  title: string;
  /** What happened, with the object named. */
  children?: ReactNode;
  /** What to do about it, as a sentence. */
  remedy?: string;
  /** As of what time the rest stands. */
  asOf?: Date | string;
  /** For whoever looks into it. */
  reference?: string;
  actions?: ReactNode;
};

/** Something failed: what, what to do, as of when the rest stands, and a reference. */
export function ErrorNote({ title, children, remedy, asOf, reference, actions }: Props) {
  return (
    <div className={css.error} role="alert">
      <p className={css.errorTitle}>
        <IconAlertOctagon size={16} stroke={2} aria-hidden /> {title}
      </p>
      <div>
        {children} {remedy}{" "}
        {asOf ? (
          <>
            What is shown stands as of <Time at={asOf} as="full" />.
          </>
        ) : null}
      </div>
      {actions || reference ? (
        <div className={css.actions}>
          {actions}
          {reference ? <span className={css.reference}>ref {reference}</span> : null}
        </div>
      ) : null}
    </div>
  );
}
