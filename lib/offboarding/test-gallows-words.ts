// For tests: what is said on the way to a server, as far as something stands or falls with it.

/** A word, and all that was said with it. */
export type Heard = { word: string; text: string };

/** Of a connection to our database: a commit of what a run or a grant stands on. */
export function commitsOf(): (data: Buffer) => Heard | null {
  let said = "";
  return (data) => {
    const text = data.toString("latin1");
    if (/\bBEGIN\b/.test(text)) said = "";
    said += text;
    if (!/\bCOMMIT\b/.test(text)) return null;
    const whole = said;
    said = "";
    const about = /offboarding_steps|offboardings|managed_accesses|"grants"/.exec(whole)?.[0] ?? null;
    return about === null ? null : { word: `commit of ${about}`, text: whole };
  };
}

/** Of whoever takes an order: all that is written, and the commits. */
export function writes(): (data: Buffer) => Heard | null {
  return (data) => {
    const text = data.toString("latin1");
    const word = /\b(INSERT INTO|UPDATE|add_job|COMMIT|for update)\b[^$]{0,60}/i.exec(text)?.[0] ?? null;
    return word === null ? null : { word, text: "order" };
  };
}

// What changes a system, what it says of an account or an access, and a sign-in to a directory: of PostgreSQL a simple query
// or one to parse. What only finds its way there is between two of these, and to begin a transaction does nothing.
const weighty = /^(commit|alter|revoke|drop|select (a\.pid, pg_terminate|r\.rolname|account\.name))/i;
const requests: Record<number, string> = { 96: "bind", 102: "modify", 74: "delete" };

/** Of a connection to a system. What names nobody goes on with what was said last. */
export function saidTo(): (data: Buffer) => Heard | null {
  let last = "";
  return (data) => {
    const text = data.toString("latin1");
    const word = statementOf(data) ?? requestOf(data);
    if (word === null) return null;
    if (!/^commit/i.test(word)) last = text;
    return { word, text: last };
  };
}

function statementOf(data: Buffer): string | null {
  const first = String.fromCharCode(data[0] ?? 0);
  if (first !== "Q" && first !== "P") return null;
  const statement = data
    .subarray(5, 120)
    .toString("latin1")
    .replace(/[\0\s]+/g, " ")
    .trim();
  return weighty.test(statement) ? statement : null;
}

// A message of BER (RFC 4511, 5.1): its length, its number, and the request.
function requestOf(data: Buffer): string | null {
  if (data[0] !== 0x30) return null;
  const at = 2 + ((data[1] ?? 0) > 0x80 ? (data[1] ?? 0) - 0x80 : 0);
  return requests[data[at + 2 + (data[at + 1] ?? 0)] ?? 0] ?? null;
}
