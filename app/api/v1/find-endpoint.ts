import type { Endpoint, Method } from "./endpoint";
import { endpoints } from "./endpoints";

export type Found = { endpoint: Endpoint; params: Record<string, string> } | { methods: Method[] };

type Pattern = { endpoint: Endpoint; parts: string[] };
const patterns: Pattern[] = endpoints.map((endpoint) => ({ endpoint, parts: endpoint.path.split("/").slice(1) }));

/** The endpoint of a method and a path, with the path's parameters; else the methods that the path does take. */
export function findEndpoint(method: string, pathname: string): Found {
  const parts = pathname
    .replace(/^\/api\/v1/, "")
    .split("/")
    .slice(1);
  const fitting = patterns.flatMap((pattern) => {
    const params = match(pattern.parts, parts);
    return params ? [{ endpoint: pattern.endpoint, params }] : [];
  });
  const wanted = method === "HEAD" ? "GET" : method;
  const found = fitting.find((candidate) => candidate.endpoint.method === wanted);
  return found ?? { methods: fitting.map((candidate) => candidate.endpoint.method) };
}

function match(pattern: string[], parts: string[]): Record<string, string> | null {
  if (pattern.length !== parts.length) return null;
  const params: [string, string][] = [];
  for (const [index, part] of pattern.entries()) {
    const given = parts[index] ?? "";
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (!name && part !== given) return null;
    if (name) params.push([name, decode(given)]);
  }
  return Object.fromEntries(params);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
