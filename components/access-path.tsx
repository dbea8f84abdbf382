import { IconArrowNarrowRight } from "@tabler/icons-react";
import type { Route } from "next";
import Link from "next/link";
import type { AccessPath } from "@/lib/access/schema";
import css from "./access-path.module.css";
import { Name } from "./name";

type Props = { entry: { paths: AccessPath[]; morePaths: number; morePathsCapped: boolean } };

/** The shortest path of an access, and how many more there are. */
export function ShortestPath({ entry }: Props) {
  const steps = (entry.paths[0] ?? []).filter((step) => step.type !== "assignment");
  const more = entry.paths.length - 1 + entry.morePaths;
  return (
    <span className={css.path}>
      {steps.map((step, index) => (
        <span key={`${step.id}${step.how}`}>
          {index > 0 ? <IconArrowNarrowRight size={14} stroke={1.7} role="img" aria-label="then" /> : null}
          {step.type === "group" ? (
            <Link href={`/groups/${step.id}` as Route} prefetch={false} className={css.group}>
              <Name value={step.name} mono />
            </Link>
          ) : (
            <Name value={step.name} mono />
          )}
          {step.how === "switches" ? <span className="dimmed"> once become</span> : null}
        </span>
      ))}
      {more > 0 ? (
        <span className="dimmed">
          +{more}
          {entry.morePathsCapped ? " or more" : ""} {more === 1 ? "path" : "paths"}
        </span>
      ) : null}
    </span>
  );
}
