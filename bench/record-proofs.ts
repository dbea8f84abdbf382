import { createHash } from "node:crypto";
import { getProof, type InclusionProof } from "@/lib/audit/proofs";
import { signCheckpoint } from "@/lib/audit/sign-checkpoint";
import { growTree } from "@/lib/audit/tree";
import { system } from "@/lib/auth/actor";
import { pool, rows } from "@/lib/db/client";
import { type Figure, timed } from "./measure";

const actor = system("bench");

/** Inclusion proofs of events anywhere in a log of at least `size` events; those that lack are generated. */
export async function prove(size: number): Promise<Figure> {
  const has = await growLog(size);
  await signCheckpoint("atOnce");
  const times: number[] = [];
  for (let n = 0; n < 600; n++) {
    const number = 1 + Math.floor(Math.random() * has);
    let proof: unknown;
    const ms = await timed(async () => {
      proof = await getProof(actor, { number });
    });
    assertProves(proof as InclusionProof);
    // The compiler is not measured.
    if (n >= 100) times.push(ms);
  }
  times.sort((a, b) => a - b);
  const p95 = times[Math.floor(times.length * 0.95)] ?? Number.NaN;
  process.stderr.write(`  median ${(times[250] ?? 0).toFixed(1)} ms\n`);
  return { what: `inclusion proof among ${has} events, p95`, bareMs: null, oursMs: p95, atMost: { ms: 10 } };
}

const portion = 65_536;

// Events and their leaf hashes are made inside the database, past the sequencer, which took its own measure before. The
// tree above them is grown by what grows it always.
async function growLog(size: number): Promise<number> {
  const client = await pool().connect();
  await client.query("set statement_timeout = 0");
  await client.query("set session_replication_role = replica");
  const [head] = await rows<{ size: string }>("select coalesce(max(position), 0) as size from audit_sequence");
  let has = Number(head?.size ?? 0);
  for (let said = has; has < size; ) {
    const count = Math.min(portion, size - has);
    const { rows: made } = await client.query<{ hash: Buffer }>(generate, [has, count]);
    await growTree(
      rows,
      has,
      made.map(({ hash }) => hash),
    );
    has += count;
    if (has - said >= 1_000_000 || has === size) {
      process.stderr.write(`  ${has} events\n`);
      said = has;
    }
  }
  await client.query("analyze audit_events, audit_sequence, audit_subtrees");
  client.release(true);
  return has;
}

const digest = (from: number, values: string) =>
  `encode(sha256(substr(salts, ${from}, 16) || convert_to('${values}', 'UTF8')), 'hex')`;
const generate = `with made as (
    insert into audit_events (id, at, actor_type, actor_name, actor, action, outcome)
    select uuid7(), clock_timestamp(), 'system', 'bench', '{}', 'bench.generated', 'allowed' from generate_series(1, $2)
    returning id, at, salts),
  placed as (
    insert into audit_sequence (position, event_id, leaf_hash)
    select $1::bigint + row_number() over (order by at, id), id, sha256('\\x00'::bytea || convert_to(
      '{"action":"bench.generated","actorId":null,"actorType":"system","afterDigest":null,"at":"'
      || to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '","beforeDigest":null,"content":"'
      || ${digest(33, '{"details":null,"why":null}')} || '","id":"' || id || '","outcome":"allowed","requestId":null,"target":"'
      || ${digest(17, '{"targetName":null}')} || '","targetId":null,"targetType":null,"v":2,"who":"'
      || ${digest(1, '{"actor":{},"actorName":"bench","onBehalfOf":null}')} || '"}', 'UTF8'))
    from made returning position, leaf_hash)
  select leaf_hash as hash from placed order by position`;

// As RFC 9162, section 2.1.3.2, has it.
function assertProves({ index, size, leaf, path, root, checkpoint }: InclusionProof): void {
  const sha256 = (...pieces: (string | Buffer)[]) =>
    pieces.reduce((hash, piece) => hash.update(piece), createHash("sha256")).digest();
  let hash = sha256("\0", leaf);
  let [place, last] = [index, size - 1];
  for (const one of path.map((text) => Buffer.from(text, "base64"))) {
    const isRight = place % 2 === 1 || place === last;
    hash = isRight ? sha256("\u0001", one, hash) : sha256("\u0001", hash, one);
    if (isRight) while (place % 2 === 0 && place !== 0) [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  if (last !== 0 || hash.toString("base64") !== root || !checkpoint) throw new Error("this proof does not hold");
}
