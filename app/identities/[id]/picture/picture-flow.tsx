"use client";

import "@xyflow/react/dist/base.css";
import { ReactFlow, type ReactFlowInstance } from "@xyflow/react";
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { columnGap, layOut, nodeWidth, type Placed } from "./arrange";
import { fold } from "./fold";
import { FoldedList } from "./folded-list";
import { type Graph, graphOf, group, type Route, type PictureNode as Thing } from "./graph";
import type { Counts, Packed } from "./packed";
import css from "./picture.module.css";
import { type FlowEdge, PictureEdge } from "./picture-edge";
import { Acts, type FlowNode, PictureNode } from "./picture-node";
import { type Arrow, walk } from "./walk";

type Props = {
  packed: Packed;
  entries: readonly number[];
  chosen: Route | null;
  choose: (route: Route) => void;
  /** Nodes in a column before it folds. */
  rows: number;
  full: boolean;
};

const nodeTypes = { thing: PictureNode };
const edgeTypes = { line: PictureEdge };
const margin = 6;

/** The picture: five fixed columns, the chosen path drawn strong and never folded. */
export function PictureFlow({ packed, entries, chosen, choose, rows, full }: Props) {
  const graph = useMemo(() => graphOf(packed, entries), [packed, entries]);
  const ids = useMemo(() => (chosen ? graph.idsOf(chosen) : []), [graph, chosen]);
  const folded = useMemo(() => fold(graph, rows, ids), [graph, rows, ids]);
  const layout = useMemo(() => layOut(folded), [folded]);
  const [opened, setOpened] = useState<number | null>(null);
  const { acts, focusOn } = useWalking({ layout, ids, graph, choose, open: setOpened });
  const flow = useFlow(layout, ids);
  const instance = useRef<ReactFlowInstance<FlowNode, FlowEdge> | null>(null);
  const height = layout.height + 2 * margin;

  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn anew, it is fitted anew
  useEffect(() => {
    // The library must first have measured the new size.
    const timer = setTimeout(() => {
      if (full) instance.current?.fitView({ padding: 0.04, maxZoom: 1.25 });
      else instance.current?.setViewport({ x: margin, y: margin, zoom: 1 });
    }, 60);
    return () => clearTimeout(timer);
  }, [full, layout]);

  return (
    <div className={css.scroller}>
      <div className={css.sheet} style={{ minWidth: layout.width + 2 * margin }}>
        {full ? null : <Heads counts={packed.counts} graph={graph} narrowed={entries.length < packed.entries.length} />}
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset groups form fields, and these are steps of a path */}
        <div
          className={css.canvas}
          data-fixed={!full}
          role="group"
          aria-label="Picture of access. Arrow keys walk it; the table below holds the same."
          style={full ? undefined : { height }}
        >
          <Acts value={acts}>
            <ReactFlow
              nodes={flow.nodes}
              edges={flow.edges}
              nodeTypes={nodeTypes}
              edgeTypes={edgeTypes}
              onInit={(made) => {
                instance.current = made;
                if (full) made.fitView({ padding: 0.04, maxZoom: 1.25 });
              }}
              defaultViewport={{ x: margin, y: margin, zoom: 1 }}
              minZoom={0.3}
              maxZoom={1.5}
              nodesDraggable={false}
              nodesConnectable={false}
              nodesFocusable={false}
              edgesFocusable={false}
              elementsSelectable={false}
              panOnDrag={full}
              zoomOnScroll={full}
              zoomOnPinch={full}
              zoomOnDoubleClick={false}
              preventScrolling={full}
              disableKeyboardA11y
              attributionPosition="bottom-left"
            />
          </Acts>
        </div>
      </div>
      {opened === null ? null : (
        <FoldedList
          nodes={folded.folded.get(opened) ?? []}
          column={opened}
          close={() => setOpened(null)}
          choose={(node) => {
            setOpened(null);
            choose(node.route);
            focusOn(node.id);
          }}
        />
      )}
    </div>
  );
}

const titles = ["Identity", "Accounts", "Groups and roles", "Entitlements", "Resources"];

function Heads({ counts, graph, narrowed }: { counts: Counts; graph: Graph; narrowed: boolean }) {
  const drawn = [0, 0, 0, 0, 0];
  for (const node of graph.nodes.values())
    if (node.kind !== "direct") drawn[node.column] = (drawn[node.column] ?? 0) + 1;
  const all = narrowed ? drawn : [1, counts.accounts, counts.groups, counts.entitlements, counts.resources];
  return (
    <div className={css.heads} aria-hidden>
      {titles.map((title, column) => (
        <span key={title} style={{ left: margin + column * (nodeWidth + columnGap) }}>
          {column === 0
            ? title
            : `${title}, ${group(all[column] ?? 0)}${counts.isCapped && column === 3 && !narrowed ? "+" : ""}`}
        </span>
      ))}
    </div>
  );
}

function useFlow(layout: ReturnType<typeof layOut>, ids: readonly string[]): { nodes: FlowNode[]; edges: FlowEdge[] } {
  return useMemo(() => {
    const isChosen = (from: string, to: string) => ids.indexOf(to) === ids.indexOf(from) + 1 && ids.includes(from);
    const nodes = layout.nodes.map(
      (node): FlowNode => ({
        id: node.id,
        type: "thing",
        position: { x: node.x, y: node.y },
        data: { node, chosen: ids.includes(node.id) },
      }),
    );
    const edges = layout.edges.map(
      ({ id, from, to, state }): FlowEdge => ({
        id,
        type: "line",
        source: from,
        target: to,
        data: { state, chosen: isChosen(from, to) },
        zIndex: isChosen(from, to) ? 1 : 0,
      }),
    );
    return { nodes, edges };
  }, [layout, ids]);
}

function useWalking(at: {
  layout: ReturnType<typeof layOut>;
  ids: readonly string[];
  graph: Graph;
  choose: (route: Route) => void;
  open: (column: number) => void;
}) {
  const { layout, ids, graph, choose, open } = at;
  const wanted = useRef<string | null>(null);
  const [stop, setStop] = useState<string | null>(null);
  const focusOn = useCallback((id: string) => {
    wanted.current = id;
    setStop(id);
  }, []);
  // A new drawing may have moved the node; the focus follows it.
  useEffect(() => {
    if (wanted.current === null) return;
    const button = document.getElementById(`picture-${wanted.current}`);
    if (!button || layout.nodes.length === 0) return;
    button.focus({ preventScroll: true });
    wanted.current = null;
  });
  const acts = useMemo(() => {
    const pick = (node: Thing) =>
      node.kind === "more" ? open(node.column) : choose(graph.routeThrough(node.id, ids) ?? node.route);
    return {
      tabStop: layout.nodes.some((node) => node.id === stop) ? (stop ?? "") : (ids[0] ?? layout.nodes[0]?.id ?? ""),
      choose: (node: Placed) => {
        setStop(node.id);
        pick(node);
      },
      onKeyDown: (event: KeyboardEvent, node: Placed) => {
        if (!/^Arrow(Left|Right|Up|Down)$/.test(event.key)) return;
        event.preventDefault();
        const next = walk(layout, node.id, event.key as Arrow, ids);
        if (!next) return;
        focusOn(next.id);
        if (next.kind !== "more") choose(graph.routeThrough(next.id, ids) ?? next.route);
      },
    };
  }, [layout, ids, graph, choose, open, stop, focusOn]);
  return { acts, focusOn };
}
