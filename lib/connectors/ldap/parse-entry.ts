import { z } from "zod";
import type { Entry, Value } from "./entry";

const bytes = z.instanceof(Buffer);
const value = z.union([z.string(), bytes]);
const sent = z.object({ dn: z.string() }).catchall(z.union([value.transform((one) => [one]), z.array(value)]));

/** An entry as ldapts gives it: names of attributes as the server writes them, with options. */
export function entryOf(raw: unknown): Entry {
  const { dn, ...rest } = sent.parse(raw);
  const attributes = new Map<string, Value[]>();
  const unfinished = new Map<string, number>();
  for (const [description, values] of Object.entries(rest)) {
    // ldapts lists what was asked for and did not come, too.
    if (values.length === 0) continue;
    const [name = "", ...options] = description.toLowerCase().split(";");
    attributes.set(name, [...(attributes.get(name) ?? []), ...values]);
    const next = options.map(nextOf).find((at) => at !== null);
    if (next !== undefined && next !== null) unfinished.set(name, next);
  }
  return unfinished.size > 0 ? { dn, attributes, unfinished } : { dn, attributes };
}

// `range=0-1499`: there are more, from 1500 on; `range=1500-*`: these were the last (MS-ADTS 3.1.1.3.1.3.3).
function nextOf(option: string): number | null {
  const match = /^range=\d+-(\d+)$/.exec(option);
  return match ? Number(match[1]) + 1 : null;
}
