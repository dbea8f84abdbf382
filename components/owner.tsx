import { IconUserQuestion } from "@tabler/icons-react";
import { Name } from "./name";
import css from "./owner.module.css";

/** An owner with initials, or in red that there is none. A person owns themself, which needs no word. */
export function Owner({ name, plain }: { name: string | null; plain?: true }) {
  if (name === null) return <NoOwner plain={plain} />;
  return (
    <span className={css.owner}>
      {plain ? null : <Initials name={name} />}
      <Name value={name} />
    </span>
  );
}

export function NoOwner({ plain }: { plain?: true }) {
  return (
    <span className={css.none}>
      {plain ? null : <IconUserQuestion size={16} stroke={1.7} aria-hidden />}
      no owner
    </span>
  );
}

/** Two letters of a name in a ring. */
export function Initials({ name, size = 18 }: { name: string; size?: number }) {
  return (
    <span className={css.initials} style={{ width: size, height: size }} aria-hidden>
      {initialsOf(name)}
    </span>
  );
}

function initialsOf(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const [first = "?", last] = [words[0], words.length > 1 ? words.at(-1) : undefined];
  const letters = last ? [...first][0] + ([...last][0] ?? "") : [...first].slice(0, 2).join("");
  return letters.toLocaleUpperCase("en");
}
