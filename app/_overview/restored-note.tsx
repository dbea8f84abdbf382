import type { Route } from "next";
import { numberWords } from "@/components/count";
import { ErrorNote } from "@/components/error-note";
import { LinkButton } from "@/components/link-button";
import { Time } from "@/components/time";
import type { RestorationItem } from "@/lib/restoration/schema";

/** Says that the database is older than what was written outside it, until somebody has looked at what that came to. */
export function RestoredNote({ restorations }: { restorations: readonly RestorationItem[] }) {
  return restorations.map((one) => (
    <ErrorNote
      key={one.id}
      title="This database was restored from an older backup"
      actions={<LinkButton href={`/restorations/${one.id}` as Route}>Look at what it had forgotten</LinkButton>}
    >
      Found <Time at={one.noticedAt} as="full" />. {words(one)}
    </ErrorNote>
  ));
}

function words({ endings, settledAt }: RestorationItem): string {
  const { taken = 0, waiting = 0, failed = 0, by_hand: byHand = 0 } = endings;
  const parts = [
    `${numberWords(taken)} ${taken === 1 ? "thing that was" : "things that were"} taken back since ${taken === 1 ? "is" : "are"} taken back again`,
    ...(waiting > 0 || settledAt === null ? [`${numberWords(waiting)} still ${waiting === 1 ? "waits" : "wait"}`] : []),
    ...(failed > 0 ? [`${numberWords(failed)} could not be`] : []),
    ...(byHand > 0 ? [`${numberWords(byHand)} ${byHand === 1 ? "needs" : "need"} a person`] : []),
  ];
  return `All sessions were ended; ${parts.join(", ")}.`;
}
