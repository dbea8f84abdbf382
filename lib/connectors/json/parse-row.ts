/** A row of JSON as it was parsed: own properties only are ever looked at. */
export type JsonRow = Record<string, unknown>;

const deepestColumn = 6;
const mostColumns = 2_000;

/**
 * The object that a row's text holds, or null when it is none. Numbers that a double cannot hold (`1e309`, ids of
 * twenty digits) stay as they are written, as text.
 */
export function parseRow(text: string): JsonRow | null {
  try {
    const value: unknown = JSON.parse(/\d{16}|\d[eE]/.test(text) ? quoteNumbers(text) : text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonRow) : null;
  } catch {
    return null;
  }
}

/** How deep the brackets of a line of JSON go. */
export function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 92) at++;
      else if (code === 34) inString = false;
    } else if (code === 34) inString = true;
    else if (code === 123 || code === 91) most = Math.max(most, ++depth);
    else if (code === 125 || code === 93) depth--;
  }
  return most;
}

/** The values at a dotted path; through arrays, all of them. A key that itself has dots is found too. */
export function pathReader(path: string): (row: JsonRow) => readonly string[] {
  const steps = path.split(".");
  return (row) => {
    const found: string[] = [];
    if (Object.hasOwn(row, path)) collect(row[path], [], found);
    else collect(row, steps, found);
    return found;
  };
}

/** The paths that rows have, in the order in which they come up. */
export function columnsOf(rows: readonly JsonRow[]): string[] {
  const columns = new Set<string>();
  const visit = (value: unknown, path: string, depth: number) => {
    if (columns.size >= mostColumns) return;
    if (Array.isArray(value)) {
      for (const item of value.slice(0, 20)) visit(item, path, depth + 1);
      if (value.length === 0 && path) columns.add(path);
    } else if (typeof value === "object" && value !== null) {
      if (depth >= deepestColumn) return;
      for (const [key, part] of Object.entries(value)) visit(part, path ? `${path}.${key}` : key, depth + 1);
    } else if (path) columns.add(path);
  };
  for (const row of rows) visit(row, "", 0);
  return [...columns];
}

function collect(value: unknown, steps: readonly string[], found: string[]): void {
  if (Array.isArray(value)) for (const item of value) collect(item, steps, found);
  else if (steps.length > 0) {
    const [step = "", ...rest] = steps;
    if (typeof value === "object" && value !== null && Object.hasOwn(value, step))
      collect((value as JsonRow)[step], rest, found);
  } else if (typeof value === "string") found.push(value);
  else if (typeof value === "number" || typeof value === "boolean") found.push(String(value));
}

function quoteNumbers(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    token.startsWith('"') || String(Number(token)) === token ? token : JSON.stringify(token),
  );
}
