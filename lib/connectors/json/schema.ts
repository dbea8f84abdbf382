import { z } from "zod";
import { encodings } from "../file-text";

export const jsonSettings = z.strictObject({
  encoding: z
    .enum(encodings)
    .default("auto")
    .meta({ title: "Encoding", description: "How the text is encoded; auto tells it from the first bytes." }),
});
export type JsonSettings = z.infer<typeof jsonSettings>;

/** The mapping of Rollcall's own format, which needs none; anything else has its columns mapped. */
export const nativeMapping = z.strictObject({ format: z.literal("rollcall") });
