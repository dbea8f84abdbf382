import css from "./name.module.css";
import { nameParts, visibleName } from "./name-parts";

type Props = { value: string; mono?: true; strong?: true; className?: string };

/** A name from outside: plain text, its direction isolated, shortened in the middle by the width there is. */
export function Name({ value, mono, strong, className }: Props) {
  const { head, tail } = nameParts(value);
  const classes = [css.name, mono ? "mono" : "", strong ? css.strong : "", className ?? ""].filter(Boolean).join(" ");
  return (
    <bdi className={classes} data-tip={value.length > 14 ? visibleName(value) : undefined}>
      <span className={css.head} data-name-head={tail ? "" : undefined}>
        {head}
      </span>
      {tail ? <span className={css.tail}>{tail}</span> : null}
    </bdi>
  );
}
