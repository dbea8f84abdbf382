import { numberWords } from "@/components/count";
import { Time } from "@/components/time";
import type { ConsistencyProof, InclusionProof } from "@/lib/audit/proofs";
import type { ActionResult } from "@/lib/errors";
import css from "./activity.module.css";

type Props = { proof: ActionResult<InclusionProof | ConsistencyProof> | null };

/** That an event is in the signed record: under which checkpoint, by which hashes, and all of it to keep. */
export function Proof({ proof }: Props) {
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
      <Time at={checkpoint.signedAt} as="full" />: {path.length} hashes lead from it to the root.
      <details className={css.proof}>
        <summary>Show the proof</summary>
        <p className="dimmed">Leaf {numberWords(index)}, counted from 0. SHA-256 over a zero byte and this:</p>
        <code className={css.json}>{leaf}</code>
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
