import { z } from "zod";

/** Whose traces: ids of users and identities, and texts such as a name or an e-mail address. */
export const tracesInput = z.strictObject({
  ids: z.array(z.string().trim().min(1).max(200)).max(50).default([]),
  texts: z.array(z.string().trim().min(3, "A text has at least 3 characters.").max(200)).max(50).default([]),
});
export type TracesInput = z.input<typeof tracesInput>;

/** The same, with why they are to go. */
export const eraseInput = tracesInput.extend({ reason: z.string().trim().min(3, "Say why.").max(500) });
export type EraseInput = z.input<typeof eraseInput>;
