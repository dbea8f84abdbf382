import { z } from "zod";
import { numberWords } from "@/components/count";
import { Time } from "@/components/time";
import type { ConsistencyProof, InclusionProof } from "@/lib/audit/proofs";
import type { EventDetail } from "@/lib/audit/schema";
import type { ActionResult } from "@/lib/errors";
import css from "./activity.module.css";
import { ProofChecks } from "./proof-checks";

type Props = {
  proof: ActionResult<InclusionProof | ConsistencyProof> | null;
  event: Pick<EventDetail, "id" | "action" | "outcome">;
  /** Verifier keys of the record. */
  keys: readonly string[];
};

/** That an event is in the signed record: under which checkpoint, by which hashes, and all of it to keep. */
export function Proof({ proof, event, keys }: Props) {
  if (proof === null) return <>when it has its number, within a second or two</>;
  if (!proof.ok)
    return (
      <>
        {proof.refusal.message} {proof.refusal.remedy}
      </>
    );
  const { value } = proof;
  if (value.kind !== "inclusion" || !value.checkpoint || !value.text) return <>not under a checkpoint yet</>;
  const { index, size, path, checkpoint, text, leaf, number } = value;
  return (
    <>
      Event {numberWords(number)} is under the checkpoint over {numberWords(size)} events, signed{" "}
      <Time at={checkpoint.signedAt} as="full" />.
      <ProofChecks proof={{ leaf, index, size, path, note: checkpoint.note }} keys={keys} fits={isOf(leaf, event)} />
      <details className={css.proof}>
        <summary>Show the proof</summary>
        <p className="dimmed">Leaf {numberWords(index)}, counted from 0. SHA-256 over a zero byte and this:</p>
        <code className={css.json}>{leaf}</code>
        <p className="dimmed">Keys of the record, as this server tells them. Compare them with what you were given:</p>
        <code className={css.json}>{keys.join("\n")}</code>
        <p className="dimmed">The path to the root and the signed checkpoint, as c2sp.org/tlog-proof has them:</p>
        <code className={css.json}>{text}</code>
      </details>
      <a
        className={css.keep}
        href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`}
        download={`event-${number}.tlog-proof`}
      >
        Keep the proof
      </a>
    </>
  );
}

function isOf(leaf: string, { id, action, outcome }: Props["event"]): boolean {
  const said = leafFacts.safeParse(JSON.parse(leaf));
  return said.success && said.data.id === id && said.data.action === action && said.data.outcome === outcome;
}

const leafFacts = z.object({ id: z.string(), action: z.string(), outcome: z.string() });
