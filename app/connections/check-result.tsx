import { ErrorNote } from "@/components/error-note";
import { Isolated } from "@/components/isolated";
import type { CheckAnswer } from "@/lib/connections/check-connection";
import css from "./connections.module.css";

/** What a check found, in words: who we are there, what we see, and what we do not, why, and what would change that. */
export function CheckResult({ answer }: { answer: CheckAnswer }) {
  if (!answer.ok) {
    return (
      <ErrorNote title="The system could not be read" remedy={answer.remedy}>
        {answer.message}.
      </ErrorNote>
    );
  }
  return (
    <section className={css.check} data-ok="true" aria-label="What the check found" role="status">
      <h2>
        {answer.system}, signed in as <Isolated value={answer.as} />
      </h2>
      <p>Can see:</p>
      <ul>
        {answer.sees.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {answer.cannotSee.length === 0 ? (
        <p>Nothing stays invisible.</p>
      ) : (
        <>
          <p>Cannot see:</p>
          <Lacking lines={answer.cannotSee} />
        </>
      )}
      {answer.gives && answer.gives.length > 0 ? (
        <>
          <p>Can give and take:</p>
          <ul>
            {answer.gives.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </>
      ) : null}
      {answer.cannotGive && answer.cannotGive.length > 0 ? (
        <>
          <p>Cannot give:</p>
          <Lacking lines={answer.cannotGive} />
        </>
      ) : null}
    </section>
  );
}

function Lacking({ lines }: { lines: { what: string; because: string; remedy: string }[] }) {
  return (
    <ul>
      {lines.map((line) => (
        <li key={line.what}>
          {line.what}: {line.because}. <span className="dimmed">{line.remedy}</span>
        </li>
      ))}
    </ul>
  );
}
