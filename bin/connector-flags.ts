import { readFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import type { Connector } from "@/lib/connectors/contract";
import { settingsFields } from "@/lib/connectors/settings-fields";
import { type SettingsField, settingsValue } from "@/lib/connectors/typed-settings";
import { AppError } from "@/lib/errors";
import { askSecret } from "./terminal";

type Flags = Record<string, unknown>;

/** Adds a flag for each setting of the connector, named as in its schema, also in words-with-hyphens. */
export function addSettingFlags(command: Command, connector: Connector): void {
  for (const field of settingsFields(connector.settings)) {
    const about = [field.description || field.title, defaultWords(field)].filter(Boolean).join(" ");
    const flag = new Option(`--${field.name} <${field.kind === "boolean" ? "true|false" : field.kind}>`, about);
    if (field.kind === "choice") flag.choices(field.options);
    command.addOption(flag);
    const hyphenated = field.name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (hyphenated !== field.name) command.addOption(new Option(`--${hyphenated} <value>`).hideHelp());
  }
  command.option("--settings <file>", "settings from a JSON file; a flag wins over it");
}

function defaultWords({ kind, required, defaultValue }: SettingsField): string {
  if (required) return "(required)";
  if (defaultValue === null || defaultValue === "" || kind === "json") return "";
  return `(default: ${Array.isArray(defaultValue) ? defaultValue.join(",") || "none" : defaultValue})`;
}

/** The settings that the flags and the settings file give; what was not given is left to the schema's defaults. */
export async function settingsFromFlags(connector: Connector, flags: Flags): Promise<Record<string, unknown>> {
  const settings = typeof flags.settings === "string" ? await readJsonFile(flags.settings) : {};
  for (const field of settingsFields(connector.settings)) {
    const typed = flags[field.name];
    if (typeof typed === "string") settings[field.name] = settingsValue(field, typed);
  }
  return settings;
}

/**
 * The connector's secrets, each from ROLLCALL_SECRET_<NAME> or typed without being shown. Never from a flag: other users
 * of the machine see those.
 */
export async function askSecrets(connector: Connector): Promise<Record<string, unknown>> {
  const secrets: Record<string, unknown> = {};
  for (const field of settingsFields(connector.secrets)) {
    const variable = `ROLLCALL_SECRET_${field.name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
    const given = process.env[variable] ?? (await askSecret(question(field)));
    if (given === null && field.required) {
      throw new AppError("invalid", `The secret ${field.name} is missing`, {
        field: field.name,
        remedy: `Set ${variable} in the environment, or run this in a terminal to type it.`,
      });
    }
    if (given) secrets[field.name] = given;
  }
  return secrets;
}

function question(field: SettingsField): string {
  return field.required ? field.title : `${field.title} (empty for none)`;
}

/** An object from a JSON file. @throws AppError `invalid` */
export async function readJsonFile(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, "utf8").catch((cause) => {
    throw new AppError("invalid", `${file} cannot be read: ${cause.code ?? cause}`, { cause });
  });
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return { ...value };
  } catch (cause) {
    throw new AppError("invalid", `${file} is not JSON`, { remedy: "Put one JSON object into it.", cause });
  }
  throw new AppError("invalid", `${file} holds no JSON object`);
}
