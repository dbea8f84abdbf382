import { ActButton } from "@/components/act-button";
import { numberWords } from "@/components/count";
import { type DestinationItem, isFile } from "@/lib/audit/destination-schema";
import { pause, remove, resume, test } from "./actions";
import css from "./destinations.module.css";

/** What somebody may do with a destination. A file belongs to its machine, and is only taken from the list. */
export function DestinationActs({ destination: one }: { destination: DestinationItem }) {
  const input = { id: one.id };
  return (
    <span className={css.acts}>
      {one.pausedAt ? (
        <ActButton act={resume} input={input} name={`Let ${one.name} go on`}>
          Go on
        </ActButton>
      ) : (
        <ActButton act={test} input={input} name={`Test ${one.name}`}>
          {one.failingSince ? "Try now" : "Test"}
        </ActButton>
      )}
      {one.pausedAt || isFile(one.kind) ? null : (
        <ActButton
          act={pause}
          input={input}
          name={`Pause ${one.name}`}
          confirm={{
            title: `Pause ${one.name}?`,
            effects: [{ what: `It gets no ${one.carries} until it goes on`, detail: one.shown }],
            mayBreak:
              one.carries === "checkpoints"
                ? "What is cut off or made anew meanwhile, this place does not show."
                : "Whoever watches events there sees none meanwhile.",
            text: "What happens meanwhile is sent when it goes on. That it was paused is an event of the record.",
            confirmLabel: "Pause it",
          }}
        >
          Pause…
        </ActButton>
      )}
      <ActButton
        act={remove}
        input={input}
        name={`Remove ${one.name}`}
        destructive
        confirm={{
          title: `Remove ${one.name}?`,
          effects: [
            { what: `1 destination gets no ${one.carries} any more`, detail: one.shown },
            ...(one.behind > 0 ? [{ what: `${numberWords(one.behind)} ${one.carries} never arrive there` }] : []),
          ],
          text: isFile(one.kind)
            ? "What was written stays. If its machine still writes it, it comes back to this list by itself."
            : "What arrived there stays there. Its secrets are forgotten here.",
          confirmLabel: "Remove 1 destination",
        }}
      >
        Remove…
      </ActButton>
    </span>
  );
}
