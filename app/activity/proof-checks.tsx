"use client";

import { IconAlertOctagon, IconCircleCheck, IconCircleDashed } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { numberWords } from "@/components/count";
import css from "./activity.module.css";
import { checkPath, checkSignature, type ProofToCheck, type Verdict } from "./check-proof";

type Props = {
  proof: ProofToCheck;
  keys: readonly string[];
  /** Does the leaf tell of the event that is shown? */
  fits: boolean;
};

const icons = { holds: IconCircleCheck, broken: IconAlertOctagon, unknown: IconCircleDashed };

/** The proof, checked by the reader's own browser, step by step. */
export function ProofChecks({ proof, keys, fits }: Props) {
  const [path, setPath] = useState<Verdict | null>(null);
  const [signature, setSignature] = useState<Verdict | null>(null);
  useEffect(() => {
    let wanted = true;
    const tell = (set: (verdict: Verdict) => void) => (verdict: Verdict) => wanted && set(verdict);
    setPath(null);
    setSignature(null);
    checkPath(proof).then(tell(setPath), () => tell(setPath)("broken"));
    checkSignature(proof.note, keys).then(tell(setSignature), () => tell(setSignature)("broken"));
    return () => {
      wanted = false;
    };
  }, [proof, keys]);
  if (path === null || signature === null) return <p className="dimmed">Checking in your browser …</p>;
  const steps = [
    {
      verdict: fits ? ("holds" as const) : ("broken" as const),
      holds: "What is shown here is what the proof is of.",
      broken: "The proof is of something else than what is shown here.",
    },
    {
      verdict: path,
      holds: `${numberWords(proof.path.length)} hashes lead from it to the root over ${numberWords(proof.size)} events.`,
      broken: "Its hashes do not lead to the root of the checkpoint.",
    },
    {
      verdict: signature,
      holds: "The root is signed by the key of this record.",
      broken: "The checkpoint is not signed by a key of this record.",
    },
  ];
  return (
    <>
      <p role="status">{sum(steps.map(({ verdict }) => verdict))}</p>
      <ul className={css.checks}>
        {steps.map(({ verdict, holds, broken }) => {
          const Icon = icons[verdict];
          return (
            <li key={holds} data-state={verdict}>
              <Icon size={15} stroke={1.7} aria-hidden />
              <span>{verdict === "unknown" ? `Not checked here: ${holds}` : verdict === "holds" ? holds : broken}</span>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function sum(verdicts: readonly Verdict[]): string {
  if (verdicts.includes("broken")) return "Your browser checked it, and it does not hold.";
  if (verdicts.includes("unknown"))
    return "Your browser cannot check all of it; keep the proof and check it elsewhere.";
  return "Checked by your browser: it holds.";
}
