import { BaseEdge, type Edge, type EdgeProps, getBezierPath } from "@xyflow/react";
import type { PictureEdge as Line } from "./graph";
import css from "./picture.module.css";

export type FlowEdge = Edge<{ state: Line["state"]; chosen: boolean }, "line">;

/** A step: solid where it was used, dashed where it was not, dotted where nobody can tell. */
export function PictureEdge(props: EdgeProps<FlowEdge>) {
  const [path] = getBezierPath(props);
  return (
    <BaseEdge
      path={path}
      className={css.edge ?? ""}
      data-state={props.data?.state}
      data-chosen={props.data?.chosen}
      interactionWidth={0}
    />
  );
}
