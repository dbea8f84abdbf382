import { rows } from "../db/client";
import type { RehireState } from "./states";

/** That a source shows somebody as active again who left, and what a person said to it. */
export type RehireRow = {
  source: { id: string; name: string };
  account: string;
  /** Since when the source shows it. */
  since: Date;
  proposedAt: Date;
  state: RehireState;
  decidedAt: Date | null;
  decidedBy: string | null;
  words: string | null;
};

/** SQL: does a person have to say whether whoever left in the run `o` was hired again? */
export const rehireOpenSql = `exists (select 1 from rehire_proposals r where r.offboarding_id = o.id and r.state = 'open')`;

/** What was proposed on a run that the caller may read, the newest first. */
export function readRehires(offboardingId: string): Promise<RehireRow[]> {
  return rows<RehireRow>(
    `select jsonb_build_object('id', c.id, 'name', c.name) as source, r.account, r.since, r.proposed_at as "proposedAt", r.state,
       r.decided_at as "decidedAt", r.decided_by as "decidedBy", r.words
     from rehire_proposals r join connections c on c.id = r.connection_id where r.offboarding_id = $1::uuid order by r.id desc limit 20`,
    [offboardingId],
  );
}
