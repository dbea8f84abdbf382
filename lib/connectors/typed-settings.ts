/** One field of a connector's settings or secrets, for a form, a flag or a page. Plain data: it may reach the browser. */
export type SettingsField = {
  name: string;
  title: string;
  description: string;
  kind: "text" | "longtext" | "number" | "boolean" | "choice" | "list" | "json";
  required: boolean;
  defaultValue: unknown;
  options: string[];
};

/**
 * The value of a field from what somebody typed, as the schema expects it; undefined where nothing was typed, so that
 * the schema's default applies. What does not fit is left to the schema to refuse.
 */
export function settingsValue(field: SettingsField, typed: string): unknown {
  const text = typed.trim();
  if (text === "") return undefined;
  if (field.kind === "number") return Number.isNaN(Number(text)) ? typed : Number(text);
  if (field.kind === "boolean") return text === "true" ? true : text === "false" ? false : typed;
  if (field.kind === "list") return text.split(/[\n,]/).flatMap((part) => part.trim() || []);
  if (field.kind === "json") return parsed(text);
  return field.kind === "longtext" ? typed : text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
