import {
  type DetailedError,
  policySetTextToParts,
  policyToJson,
  type SourceLabel,
  validate,
} from "@cedar-policy/cedar-wasm/nodejs";
import { LineCounter, parseDocument } from "yaml";
import { type PolicyFault, type PolicyFile, type PolicyRules, type PolicyText, policyRules } from "./schema";

/** The name of the file with the rules of approval, conflicts and changes by hand. */
export const rulesFile = "rules.yaml";

export type ParsedPolicies = { policies: PolicyText[]; rules: PolicyRules };

/**
 * Reads a set of policies: every `.cedar` file and `rules.yaml`. Pure. Everything is checked against `schema`, and each
 * policy that lets a request through must name rules of approval that exist.
 * @returns what was read, or every fault that was found, with its file and line.
 */
export function parsePolicies(
  files: readonly PolicyFile[],
  schema: string,
): { ok: true; set: ParsedPolicies } | { ok: false; faults: PolicyFault[] } {
  const rules = parseRules(files.find(({ name }) => name === rulesFile));
  const faults = [...rules.faults];
  const policies: PolicyText[] = [];
  for (const file of files.filter(({ name }) => name.endsWith(".cedar"))) {
    const read = parseFile(file, schema);
    faults.push(...read.faults);
    policies.push(...read.policies);
  }
  if (policies.length === 0 && faults.length === 0)
    faults.push(faultAt("*.cedar", null, "there is no policy at all, so that nothing would be allowed"));
  if (rules.rules) faults.push(...faultsBetween(policies, rules.rules));
  if (faults.length > 0 || !rules.rules) return { ok: false, faults };
  return { ok: true, set: { policies, rules: rules.rules } };
}

function parseRules(file: PolicyFile | undefined): { rules: PolicyRules | null; faults: PolicyFault[] } {
  if (!file) return { rules: null, faults: [faultAt(rulesFile, null, "is missing: it says how approvals go")] };
  const lines = new LineCounter();
  const document = parseDocument(file.text, { lineCounter: lines, uniqueKeys: true });
  if (document.errors.length > 0) {
    const faults = document.errors.map((error) => ({
      file: file.name,
      line: error.linePos?.[0].line ?? null,
      column: error.linePos?.[0].col ?? null,
      message: error.message.split("\n")[0] ?? "is not YAML",
      help: null,
    }));
    return { rules: null, faults };
  }
  const parsed = policyRules.safeParse(document.toJS({ maxAliasCount: 50 }));
  if (parsed.success) return { rules: parsed.data, faults: [] };
  const faults = parsed.error.issues.map((issue) => {
    const node = document.getIn(issue.path as unknown[], true) as { range?: [number, number, number] } | undefined;
    const at = node?.range ? lines.linePos(node.range[0]) : null;
    const place = issue.path.join(".");
    return {
      ...faultAt(file.name, at?.line ?? null, `${place ? `${place}: ` : ""}${issue.message}`),
      column: at?.col ?? null,
    };
  });
  return { rules: null, faults };
}

function parseFile(file: PolicyFile, schema: string): { policies: PolicyText[]; faults: PolicyFault[] } {
  const parts = policySetTextToParts(file.text);
  if (parts.type === "failure") return { policies: [], faults: parts.errors.map((error) => faultOf(file, error, 0)) };
  const faults: PolicyFault[] = parts.policy_templates.map((text) =>
    faultAt(file.name, lineOf(file.text, offsetOf(file.text, text)), "is a template; write the policies out"),
  );
  const policies: PolicyText[] = [];
  for (const { text, offset } of inOrder(parts.policies, file.text)) {
    const line = lineOf(file.text, offset);
    const json = policyToJson(text);
    if (json.type === "failure") {
      faults.push(...json.errors.map((error) => faultOf(file, error, offset)));
      continue;
    }
    const { annotations = {}, effect } = json.json;
    const id = annotations.id ?? `${file.name}:${line}`;
    policies.push({
      id,
      effect,
      because: annotations.because ?? null,
      approval: annotations.approval ?? null,
      file: file.name,
      line,
      text,
    });
    faults.push(...validity({ id, text }, schema).map((error) => faultOf(file, error, offset)));
  }
  return { policies, faults };
}

function validity({ id, text }: { id: string; text: string }, schema: string): DetailedError[] {
  const answer = validate({
    schema,
    policies: { staticPolicies: { [id]: text } },
    validationSettings: { mode: "strict" },
  });
  if (answer.type === "failure") return answer.errors;
  return [...answer.validationErrors, ...answer.validationWarnings].map(({ error }) => error);
}

function faultsBetween(policies: readonly PolicyText[], rules: PolicyRules): PolicyFault[] {
  const faults: PolicyFault[] = [];
  const seen = new Map<string, PolicyText>();
  for (const policy of policies) {
    const { id, file, line, effect, approval, text } = policy;
    const same = seen.get(id);
    if (same) faults.push(faultAt(file, line, `the id "${id}" is taken by the policy at ${same.file}:${same.line}`));
    seen.set(id, policy);
    const needsApproval = effect === "permit" && /Action::"(request|break_glass)"/.test(text);
    if (needsApproval && approval === null)
      faults.push(faultAt(file, line, `"${id}" lets requests through and must name its @approval("…")`));
    for (const name of approvalsOf(approval))
      if (!Object.hasOwn(rules.approvals, name))
        faults.push(faultAt(file, line, `"${id}" names the approval "${name}", which ${rulesFile} does not have`));
  }
  for (const [name, rule] of Object.entries(rules.approvals))
    for (const [index, step] of rule.steps.entries())
      if (step.prefer !== undefined && !step.who.includes(step.prefer))
        faults.push(faultAt(rulesFile, null, `approvals.${name}.steps.${index}.prefer: is not among who`));
  return faults;
}

/** The rules that an `@approval("a, b")` names. */
export function approvalsOf(annotation: string | null): string[] {
  return (annotation ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

function faultAt(file: string, line: number | null, message: string): PolicyFault {
  return { file, line, column: null, message, help: null };
}

function faultOf(file: PolicyFile, error: DetailedError, offset: number): PolicyFault {
  const [at]: SourceLabel[] = error.sourceLocations ?? [];
  const position = offset + (at ? characters(file.text.slice(offset), at.start) : 0);
  const line = lineOf(file.text, position);
  const column = position - file.text.lastIndexOf("\n", position - 1);
  return { file: file.name, line, column, message: error.message, help: error.help ?? null };
}

// Cedar counts bytes.
function characters(text: string, bytes: number): number {
  return Buffer.from(text, "utf8").subarray(0, bytes).toString("utf8").length;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, Math.max(offset, 0)).split("\n").length;
}

function offsetOf(text: string, part: string): number {
  return Math.max(text.indexOf(part), 0);
}

// Cedar gives the texts in an order of its own, and two of them may be the same.
function inOrder(parts: readonly string[], text: string): { text: string; offset: number }[] {
  const next = new Map<string, number>();
  const placed = parts.map((part) => {
    const offset = Math.max(text.indexOf(part, next.get(part) ?? 0), 0);
    next.set(part, offset + 1);
    return { text: part, offset };
  });
  return placed.sort((one, other) => one.offset - other.offset);
}
