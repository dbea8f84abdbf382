import { ownIdentitiesSql } from "../access/own-identities";

/** SQL: is the run `o` of one's own people or machines, or of somebody who moved away from them? */
export const isOwnRunSql = (mine: string) => `(o.identity_id <> ${mine}::uuid
  and (o.identity_id in (${ownIdentitiesSql(mine)}) or ${movedFromSql(mine)}))`;

/** SQL: did who moves in the run `o` move away from this manager, at first or moving on? */
export const movedFromSql = (manager: string) => `(o.moved ->> 'fromManagerId' = ${manager}::uuid::text
  or o.moved -> 'between' @> jsonb_build_array(jsonb_build_object('managerId', ${manager}::uuid::text)))`;
