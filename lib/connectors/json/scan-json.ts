import { ConnectorError } from "../connector-error";

/** One object of an array of rows: its text, where the array is, and its number there (from 1). */
export type JsonSlice = { path: string; number: number; text: string; fault: JsonFault | null };
export type JsonFault = "row_too_long" | "nested_too_deeply";

export const longestRow = 2_000_000;
export const deepest = 64;
const longestKey = 500;

type Level = { isArray: boolean; key: string; rows: number };

/**
 * Cuts JSON text that comes in pieces into the objects of its outermost arrays, without parsing them: `[{…},{…}]`,
 * `{"value":[{…}]}`, `{"accounts":[…],"groups":[…]}`. A row that is too long is dropped as it passes by, so that memory
 * stays flat. `paths` lists the arrays that were there, empty ones too.
 */
export function jsonScanner(name: string): { push(text: string): JsonSlice[]; end(): void; paths: Set<string> } {
  const levels: Level[] = [];
  const paths = new Set<string>();
  let slices: JsonSlice[] = [];
  let key = "";
  let text: string | null = null;
  let fault: JsonFault | null = null;
  let depth = 0;
  let inString = false;
  let isEscaped = false;
  let hasBegun = false;

  const pathHere = () => levels.flatMap((level) => (level.key === "" ? [] : [level.key])).join(".");
  const open = (isArray: boolean) => {
    if (levels.length >= deepest) throw tooDeep(name);
    const isInObject = levels.at(-1)?.isArray === false;
    levels.push({ isArray, key: isInObject ? key : "", rows: 0 });
    if (isArray) paths.add(pathHere());
    hasBegun = true;
  };
  const close = (isArray: boolean) => {
    if (levels.pop()?.isArray !== isArray) throw notJson(name, "a bracket closes that nothing opened");
  };
  const endRow = () => {
    const level = levels.at(-1);
    if (!level) return;
    level.rows++;
    slices.push({ path: pathHere(), number: level.rows, text: fault ? "" : (text ?? ""), fault });
    text = null;
    fault = null;
  };
  const keep = (part: string) => {
    if (fault === "row_too_long" || text === null) return;
    if (text.length + part.length > longestRow) {
      fault = "row_too_long";
      text = "";
    } else text += part;
  };

  // Inside a row only strings and the depth matter. Returns where the row, or the piece, ends.
  const scanRow = (piece: string, from: number): number => {
    for (let at = from; at < piece.length; at++) {
      const code = piece.charCodeAt(at);
      if (inString) {
        if (isEscaped) isEscaped = false;
        else if (code === 92) isEscaped = true;
        else if (code === 34) inString = false;
      } else if (code === 34) inString = true;
      else if (code === 123 || code === 91) {
        depth++;
        if (depth > deepest) fault ??= "nested_too_deeply";
      } else if (code === 125 || code === 93) {
        depth--;
        if (depth === 0) {
          keep(piece.slice(from, at + 1));
          endRow();
          return at + 1;
        }
      }
    }
    keep(piece.slice(from));
    return piece.length;
  };

  // Outside rows: brackets, and strings because they may be keys.
  const scanFrame = (piece: string, at: number): number => {
    const code = piece.charCodeAt(at);
    if (inString) {
      if (isEscaped) isEscaped = false;
      else if (code === 92) isEscaped = true;
      else if (code === 34) inString = false;
      if (inString && key.length < longestKey) key += piece.charAt(at);
      return at + 1;
    }
    if (code === 34) {
      if (!hasBegun) throw notJson(name, "it begins with a text");
      inString = true;
      key = "";
    } else if (code === 123 && levels.at(-1)?.isArray) {
      text = "";
      depth = 0;
      return scanRow(piece, at);
    } else if (code === 123 || code === 91) {
      if (levels.length === 0 && hasBegun) throw notJson(name, "something follows its end");
      open(code === 91);
    } else if (code === 125 || code === 93) close(code === 93);
    else if (!hasBegun && code > 32) throw notJson(name, "it begins with neither { nor [");
    return at + 1;
  };

  return {
    paths,
    push(piece) {
      for (let at = 0; at < piece.length; ) at = text === null ? scanFrame(piece, at) : scanRow(piece, at);
      const done = slices;
      slices = [];
      return done;
    },
    end() {
      if (!hasBegun) throw notJson(name, "it is empty");
      if (levels.length === 0 && text === null && !inString) return;
      const where =
        text === null
          ? pathHere() || "the file"
          : `${pathHere() || "the array"}, row ${(levels.at(-1)?.rows ?? 0) + 1}`;
      throw new ConnectorError("invalid", `${name} ends in the middle of ${where}. Nothing was changed.`, {
        object: name,
        remedy: "Export or upload the file again; it was cut off.",
      });
    },
  };
}

function notJson(name: string, why: string): ConnectorError {
  return new ConnectorError("invalid", `${name} is not JSON: ${why}. Nothing was changed.`, {
    object: name,
    remedy: "Export the file again as JSON, JSON Lines or CSV.",
  });
}

function tooDeep(name: string): ConnectorError {
  return new ConnectorError("limit", `${name} nests its arrays more than ${deepest} deep. Nothing was changed.`, {
    object: name,
    remedy: "Export it with the rows in one array.",
  });
}
