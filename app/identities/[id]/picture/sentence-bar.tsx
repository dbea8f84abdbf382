import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { Isolated } from "@/components/isolated";
import { LastUse } from "@/components/last-use";
import { Reasons } from "@/components/reasons";
import { group, type Route } from "./graph";
import type { Packed } from "./packed";
import css from "./picture.module.css";
import { sentenceOf } from "./sentence";

type Props = { packed: Packed; route: Route; choose: (route: Route) => void };

/** The chosen path in words: each step, when it was last used, and why it stands. */
export function SentenceBar({ packed, route, choose }: Props) {
  const entry = packed.entries[route.entry];
  if (!entry) return null;
  const use = packed.uses[entry.use];
  const count = entry.paths.length;
  const turn = (step: number) => choose({ entry: route.entry, path: (route.path + step + count) % count });
  return (
    <div className={css.sentence}>
      <p role="status">
        {sentenceOf(packed, route).map((piece, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a sentence's pieces have no other identity
          <Piece key={index} piece={piece} />
        ))}{" "}
        {use ? (
          <>
            Last use: <LastUse use={use} className={css.inline} />.{" "}
          </>
        ) : null}
        Stands because: <Reasons reasons={packed.reasons[entry.reasons] ?? []} />.
      </p>
      <div className={css.turn}>
        <span className="dimmed">
          Path {route.path + 1} of {group(count + entry.morePaths)}
        </span>
        {count > 1 ? (
          <>
            <button type="button" aria-label="Path before" onClick={() => turn(-1)}>
              <IconChevronLeft size={16} stroke={1.7} aria-hidden />
            </button>
            <button type="button" aria-label="Next path" onClick={() => turn(1)}>
              <IconChevronRight size={16} stroke={1.7} aria-hidden />
            </button>
          </>
        ) : null}
      </div>
    </div>
  );
}

function Piece({ piece }: { piece: ReturnType<typeof sentenceOf>[number] }) {
  if ("name" in piece)
    return (
      <span className={css.chip}>
        <Isolated value={piece.name} />
      </span>
    );
  if ("identity" in piece)
    return (
      <b>
        <Isolated value={piece.identity} />
      </b>
    );
  return piece.text;
}
