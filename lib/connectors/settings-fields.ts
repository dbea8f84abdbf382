import { z } from "zod";
import type { SettingsField } from "./typed-settings";

const longerThanALine = 1_000;

const property = z.object({
  type: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  maxLength: z.number().optional(),
  items: z.object({ type: z.string().optional() }).optional(),
});
const objectSchema = z.object({
  properties: z.record(z.string(), property).default({}),
  required: z.array(z.string()).default([]),
});
type Property = z.infer<typeof property>;

/** The fields of a settings schema, in its own order. */
export function settingsFields(schema: z.ZodType): SettingsField[] {
  const json = objectSchema.parse(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));
  return Object.entries(json.properties).map(([name, field]) => ({
    name,
    title: field.title ?? name,
    description: field.description ?? "",
    kind: kindOf(field),
    required: json.required.includes(name) && field.default === undefined,
    defaultValue: field.default ?? null,
    options: (field.enum ?? []).map(String),
  }));
}

function kindOf({ type, enum: options, maxLength, items }: Property): SettingsField["kind"] {
  if (options) return "choice";
  if (type === "boolean") return "boolean";
  if (type === "integer" || type === "number") return "number";
  if (type === "array") return items?.type === "string" ? "list" : "json";
  if (type === "string") return (maxLength ?? 0) > longerThanALine ? "longtext" : "text";
  return "json";
}
