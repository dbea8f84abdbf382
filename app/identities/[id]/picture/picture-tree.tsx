"use client";

import { useMemo, useState } from "react";
import { UseLine } from "@/components/last-use";
import { Name } from "@/components/name";
import { Privilege } from "@/components/privilege";
import { group, type Route } from "./graph";
import type { Packed } from "./packed";
import css from "./picture.module.css";
import { type Branch, treeOf } from "./tree";

type Props = { packed: Packed; entries: readonly number[]; chosen: Route | null; choose: (route: Route) => void };

const firstShown = 6;

/** The picture where there is no room for columns: accounts, groups, entitlements and resources as an indented list. */
export function PictureTree({ packed, entries, chosen, choose }: Props) {
  const branches = useMemo(() => treeOf(packed, entries), [packed, entries]);
  return (
    <nav className={css.tree} aria-label="Paths of access">
      <Branches branches={branches} depth={0} chosen={chosen} choose={choose} />
    </nav>
  );
}

type BranchesProps = { branches: Branch[]; depth: number; chosen: Route | null; choose: (route: Route) => void };

function Branches({ branches, depth, chosen, choose }: BranchesProps) {
  const [shown, setShown] = useState(firstShown);
  return (
    <ul>
      {branches.slice(0, shown).map((branch) => (
        <li key={branch.id}>
          {branch.children.length > 0 ? (
            <details open={depth === 0 || undefined}>
              <summary>
                <Line branch={branch} />
              </summary>
              <Branches branches={branch.children} depth={depth + 1} chosen={chosen} choose={choose} />
            </details>
          ) : (
            <button
              type="button"
              aria-pressed={branch.route.entry === chosen?.entry}
              onClick={() => choose(branch.route)}
            >
              <Line branch={branch} />
            </button>
          )}
        </li>
      ))}
      {branches.length > shown ? (
        <li>
          <button type="button" className={css.treeMore} onClick={() => setShown(shown + 50)}>
            +{group(branches.length - shown)} more
          </button>
        </li>
      ) : null}
    </ul>
  );
}

function Line({ branch }: { branch: Branch }) {
  return (
    <span className={css.treeLine}>
      <UseLine state={branch.state} />
      <span className={css.treeName}>
        <Name value={branch.label} mono />
        <span className="dimmed"> {branch.sub}</span>
      </span>
      {branch.privilege === null ? null : <Privilege level={branch.privilege} bare />}
      {branch.children.length > 0 ? <span className="dimmed">{group(branch.weight)}</span> : null}
    </span>
  );
}
