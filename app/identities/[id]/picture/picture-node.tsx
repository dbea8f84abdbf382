import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { createContext, type KeyboardEvent, useContext } from "react";
import { Isolated } from "@/components/isolated";
import { Privilege } from "@/components/privilege";
import type { Placed } from "./arrange";
import { NodeIcon } from "./node-icon";
import css from "./picture.module.css";

export type FlowNode = Node<{ node: Placed; chosen: boolean }, "thing">;

/** What a node can do when it is pressed or walked from. */
export type NodeActs = {
  choose: (node: Placed) => void;
  onKeyDown: (event: KeyboardEvent, node: Placed) => void;
  /** The one node that Tab reaches; arrows go on from it. */
  tabStop: string;
};

export const Acts = createContext<NodeActs | null>(null);

const columnWords = ["identity", "account", "group", "entitlement", "resource"];

/** One thing on the way from an identity to what it reaches: two lines, 190 by 38. */
export function PictureNode({ data: { node, chosen } }: NodeProps<FlowNode>) {
  const acts = useContext(Acts);
  return (
    <>
      {node.column > 0 ? (
        <Handle type="target" position={Position.Left} className={css.handle} isConnectable={false} />
      ) : null}
      <button
        type="button"
        id={`picture-${node.id}`}
        className={`${css.node} nopan`}
        data-kind={node.kind}
        data-chosen={chosen}
        aria-pressed={chosen}
        aria-label={`${columnWords[node.column]} ${node.label}, ${node.sub}`}
        data-tip={node.label.length > 20 ? node.label : undefined}
        tabIndex={acts?.tabStop === node.id ? 0 : -1}
        onClick={() => acts?.choose(node)}
        onKeyDown={(event) => acts?.onKeyDown(event, node)}
      >
        <NodeIcon node={node} />
        <span className={css.lines}>
          <span className={css.label}>
            <Isolated value={node.label} />
          </span>
          <span className={css.sub}>
            <Isolated value={node.sub} />
          </span>
        </span>
        {node.privilege === null ? null : <Privilege level={node.privilege} bare />}
      </button>
      {node.column < 4 ? (
        <Handle type="source" position={Position.Right} className={css.handle} isConnectable={false} />
      ) : null}
    </>
  );
}
