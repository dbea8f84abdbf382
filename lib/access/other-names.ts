import { connectorNamed } from "../connectors/registry";
import { rows } from "../db/client";
import type { AskedConnection } from "./read-evidence";
import type { Evaluation } from "./schema";

/**
 * The same questions with external ids in place of words that are no external id and no name, but another name of
 * somebody: a distinguished name in other case, user@domain. Null where there is nothing to replace.
 * @param unknown the words for which nobody was found
 */
export async function withKnownNames(
  asked: readonly Evaluation[],
  unknown: readonly string[],
  connection: AskedConnection,
): Promise<Evaluation[] | null> {
  const connector = connectorNamed(connection.connector);
  if (!connector?.nameKey || unknown.length === 0) return null;
  const keys = unknown.map((word) => connector.nameKey?.(word) ?? word);
  const found = await rows<{ word: string; id: string }>(
    `select w.word, min(p.external_id) as id from unnest($1::text[], $2::text[]) as w (word, key)
     join principals p on p.connection_id = $3 and p.removed_at is null and p.attributes ? 'alsoKnownAs'
       and p.attributes -> 'alsoKnownAs' ? w.key
     group by w.word having count(*) = 1`,
    [unknown, keys, connection.id],
  );
  if (found.length === 0) return null;
  const known = new Map(found.map(({ word, id }) => [word, id]));
  return asked.map((it) => ({
    ...it,
    subject: { ...it.subject, id: known.get(it.subject.id) ?? it.subject.id },
    resource: {
      ...it.resource,
      id: it.action.name === "member" ? (known.get(it.resource.id) ?? it.resource.id) : it.resource.id,
    },
  }));
}
