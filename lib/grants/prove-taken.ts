import { ConnectorError } from "../connectors/connector-error";
import type { Outcome, ReadBack, SessionsEnded } from "../connectors/provisioning";
import type { Taken } from "./settle-access";

type Answers = { taken: Outcome; sessions: SessionsEnded | null; readBack: ReadBack };

/** What the system said of an access that was taken, as far as it proves that. @throws ConnectorError where it does not */
export function provenTaken({ taken, sessions, readBack }: Answers): Taken {
  if (taken.outcome === "impossible") throw impossible(taken);
  if (sessions && sessions.left > 0) throw notSo(`${sessions.left} sessions are still open`, null);
  if (readBack.held && readBack.ours) throw notSo("was taken back and is still held when asked back", readBack);
  return { taken, sessions, readBack, standing: false };
}

/** What the system will not do until a person did what it says. */
export function impossible({ because, remedy }: Extract<Outcome, { outcome: "impossible" }>): ConnectorError {
  return new ConnectorError("rights", because, { remedy, retryable: false });
}

/** What was done and is not so. */
export function notSo(words: string, readBack: ReadBack | null | undefined): ConnectorError {
  return new ConnectorError("protocol", readBack ? `it ${words}: ${readBack.detail}` : words, {
    remedy: "Rollcall tries again by itself. Look at the system if it stays so.",
    retryable: true,
  });
}
