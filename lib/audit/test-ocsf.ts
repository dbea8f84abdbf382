import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

// For tests: a validator made from the OCSF schema's own sources (classes, objects, profiles and the dictionary).

type Attribute = {
  requirement?: string;
  type?: string;
  is_array?: boolean;
  enum?: Record<string, unknown>;
  object_type?: string;
  profile?: string | null;
};
type Source = {
  name?: string;
  extends?: string;
  uid?: number;
  attributes?: Record<string, unknown>;
  constraints?: { at_least_one?: string[]; just_one?: string[] };
};
type Kind = { attributes: Record<string, Attribute>; atLeastOne: string[][] };
type Type = { type?: string; regex?: string; values?: unknown[]; range?: [number, number]; max_len?: number };

const beside = [3, 4].map((up) => path.resolve(import.meta.dirname, ...Array(up).fill(".."), "shared/data/ocsf"));
/** The folder of the schema, or null where it is not beside the project. */
export const ocsfFolder = beside.find((folder) => existsSync(folder)) ?? null;

/** What of an event does not fit its class: one line each. */
export function ocsfFaults(event: Record<string, unknown>): string[] {
  const folder = ocsfFolder;
  if (!folder) throw new Error("the OCSF schema is not here");
  const schema = new Schema(folder);
  const kind = schema.classOf(Number(event.class_uid));
  return schema.check(event, kind, "event");
}

const iam = 3;

class Schema {
  private readonly dictionary: { attributes: Record<string, Attribute>; types: { attributes: Record<string, Type> } };
  constructor(private readonly folder: string) {
    this.dictionary = this.read("dictionary.json");
  }

  classOf(uid: number): Kind {
    for (const file of readdirSync(path.join(this.folder, "events"), { recursive: true, encoding: "utf8" })) {
      if (!file.endsWith(".json")) continue;
      const source: Source = this.read(`events/${file}`);
      if (file.split("/")[0] !== "iam" || source.uid === undefined || iam * 1_000 + source.uid !== uid) continue;
      const kind = this.kindOf(source, "events");
      // The numbers of a class are not written down in it: they follow from its category and its own.
      const only = (value: number) => ({ requirement: "required", enum: { [value]: {} } });
      return { ...kind, attributes: { ...kind.attributes, class_uid: only(uid), category_uid: only(iam) } };
    }
    throw new Error(`there is no class ${uid}`);
  }

  check(value: Record<string, unknown>, kind: Kind, at: string): string[] {
    const faults = Object.entries(kind.attributes)
      .filter(([name, { requirement }]) => requirement === "required" && value[name] === undefined)
      .map(([name]) => `${at}.${name} is required`);
    for (const names of kind.atLeastOne)
      if (!names.some((name) => value[name] !== undefined)) faults.push(`${at} needs one of ${names.join(", ")}`);
    for (const [name, item] of Object.entries(value)) {
      const attribute = kind.attributes[name];
      if (!attribute) faults.push(`${at}.${name} is not in the schema`);
      else
        faults.push(
          ...this.checkAttribute(item, { ...this.dictionary.attributes[name], ...attribute }, `${at}.${name}`),
        );
    }
    return faults;
  }

  private checkAttribute(value: unknown, attribute: Attribute, at: string): string[] {
    if (attribute.is_array) {
      if (!Array.isArray(value)) return [`${at} is no list`];
      return value.flatMap((one, n) => this.checkAttribute(one, { ...attribute, is_array: false }, `${at}[${n}]`));
    }
    const values = { ...attribute.enum };
    if (Object.keys(values).length > 0 && !Object.hasOwn(values, String(value)))
      return [`${at} is none of its values: ${value}`];
    const type = attribute.type ?? "";
    const object =
      attribute.object_type ?? (this.dictionary.types.attributes[type] ? undefined : type.replace(/^object_t$/, ""));
    if (object) return this.checkObject(value, object, at);
    return this.checkType(value, type, at);
  }

  private checkObject(value: unknown, name: string, at: string): string[] {
    if (typeof value !== "object" || value === null) return [`${at} is no object`];
    if (name === "object") return [];
    return this.check(value as Record<string, unknown>, this.kindOf(this.read(`objects/${name}.json`), "objects"), at);
  }

  private checkType(value: unknown, name: string, at: string): string[] {
    const type = this.dictionary.types.attributes[name];
    if (!type) return [`${at} has the unknown type ${name}`];
    if (name === "json_t") return [];
    const base = type.type ?? name;
    const isRight =
      base === "string_t"
        ? typeof value === "string"
        : base === "boolean_t"
          ? typeof value === "boolean"
          : base === "float_t"
            ? typeof value === "number"
            : Number.isInteger(value);
    if (!isRight) return [`${at} is no ${name}: ${value}`];
    if (type.regex && !new RegExp(type.regex, "u").test(String(value))) return [`${at} is no ${name}: ${value}`];
    return [];
  }

  private kindOf(source: Source, folder: "events" | "objects"): Kind {
    const parent = source.extends
      ? this.kindOf(this.find(source.extends, folder), folder)
      : { attributes: {}, atLeastOne: [] };
    const attributes: Record<string, Attribute> = { ...parent.attributes };
    for (const [name, given] of Object.entries(source.attributes ?? {})) {
      if (name === "$include") continue;
      const before = attributes[name];
      const one = given as Attribute;
      attributes[name] = {
        ...before,
        ...one,
        enum: { ...this.dictionary.attributes[name]?.enum, ...before?.enum, ...one.enum },
      };
    }
    const { at_least_one: some } = source.constraints ?? {};
    return { attributes, atLeastOne: some ? [some] : parent.atLeastOne };
  }

  private find(name: string, folder: "events" | "objects"): Source {
    const files = readdirSync(path.join(this.folder, folder), { recursive: true, encoding: "utf8" });
    const file = files.find((one) => path.basename(one) === `${name}.json`);
    if (!file) throw new Error(`there is no ${name} among the ${folder}`);
    return this.read(`${folder}/${file}`);
  }

  private read<T>(file: string): T {
    return JSON.parse(readFileSync(path.join(this.folder, file), "utf8"));
  }
}
