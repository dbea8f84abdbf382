import { z } from "zod";
import { encodings } from "../file-text";

export const delimiters = ["auto", ",", ";", "tab", "|"] as const;

export const csvSettings = z.strictObject({
  delimiter: z
    .enum(delimiters)
    .default("auto")
    .meta({ title: "Delimiter", description: "What parts the cells; auto tells it from the first rows." }),
  encoding: z
    .enum(encodings)
    .default("auto")
    .meta({ title: "Encoding", description: "How the text is encoded; auto tells it from the first bytes." }),
});
export type CsvSettings = z.infer<typeof csvSettings>;
