import { useEffect, useMemo, useRef, useState } from "react";
import { UseLine } from "@/components/last-use";
import { Name } from "@/components/name";
import { Privilege } from "@/components/privilege";
import { group, type PictureNode } from "./graph";
import css from "./picture.module.css";

const words = ["identities", "accounts", "groups and roles", "entitlements", "resources"];
const shownAtMost = 200;

type Props = {
  nodes: PictureNode[];
  column: number;
  choose: (node: PictureNode) => void;
  close: () => void;
};

/** What "+214 more" stands for, as a list to look through and choose from. */
export function FoldedList({ nodes, column, choose, close }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  useEffect(() => dialog.current?.showModal(), []);
  const found = useMemo(() => {
    const wanted = text.trim().toLowerCase();
    return nodes.filter((node) => `${node.label} ${node.sub}`.toLowerCase().includes(wanted));
  }, [nodes, text]);
  const title = `${group(nodes.length)} more ${words[column]}`;
  return (
    <dialog ref={dialog} className={css.folded} aria-label={title} onClose={close} onCancel={close}>
      <div className={css.foldedHead}>
        <h2>{title}</h2>
        <button type="button" onClick={close}>
          Close
        </button>
      </div>
      <input
        type="search"
        aria-label={`Find in ${title}`}
        placeholder="Find by name"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <ul>
        {found.slice(0, shownAtMost).map((node) => (
          <li key={node.id}>
            <button type="button" onClick={() => choose(node)}>
              <UseLine state={node.state} />
              <span className={css.foldedName}>
                <Name value={node.label} mono />
              </span>
              <span className="dimmed">{node.sub}</span>
              {node.privilege === null ? null : <Privilege level={node.privilege} bare />}
            </button>
          </li>
        ))}
      </ul>
      <p className="dimmed" role="status">
        {found.length === 0 ? "Nothing here has that in its name." : null}
        {found.length > shownAtMost
          ? `The first ${shownAtMost} of ${group(found.length)}; type a part of the name.`
          : null}
      </p>
    </dialog>
  );
}
