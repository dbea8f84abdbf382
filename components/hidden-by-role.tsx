import { IconEye } from "@tabler/icons-react";
import { numberWords } from "./count";
import css from "./notes.module.css";

/** What the reader's role keeps from them is said, never shown as empty. @param count null where not even that may be told. */
export function HiddenByRole({ count, noun }: { count: number | null; noun: { one: string; many: string } }) {
  if (count === 0) return null;
  const what =
    count === null ? `More ${noun.many} may be` : `${numberWords(count)} ${count === 1 ? noun.one : noun.many}`;
  return (
    <p className={css.hidden}>
      <IconEye size={16} stroke={1.7} aria-hidden /> {what} hidden by your role
    </p>
  );
}
