import { z } from "zod";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { db } from "../db/client";
import { AppError } from "../errors";
import { parsePolicies } from "./parse-policies";
import { readPolicySchema } from "./read-policy-files";
import {
  type PolicyFault,
  type PolicyFile,
  type PolicyRules,
  type PolicyText,
  policyFaults,
  policyFile,
} from "./schema";

export type PolicySetView = {
  version: number;
  current: number;
  source: "default" | "folder";
  loadedAt: string;
  loadedBy: string;
  files: PolicyFile[];
  policies: PolicyText[];
  /** Null where this version no longer passes the checks of today. */
  rules: PolicyRules | null;
  /** What is wrong with the last set that was refused, while that is so. */
  refused: { at: string; faults: PolicyFault[] } | null;
  versions: { version: number; loadedAt: string; loadedBy: string; source: string }[];
};

/** The policies in force, or an older version of them, as their files were. @throws AppError `not_found`, `forbidden` */
export async function getPolicies(actor: Actor, input: { version?: number | undefined } = {}): Promise<PolicySetView> {
  await authorize(actor, "policy:read", { type: "policies" });
  const [versions, refused, schema] = await Promise.all([
    db().policySet.findMany({
      orderBy: { version: "desc" },
      take: 50,
      select: { version: true, loadedAt: true, loadedBy: true, source: true },
    }),
    db().setting.findUnique({ where: { key: "policies.faults" } }),
    readPolicySchema(),
  ]);
  const current = versions[0]?.version;
  const version = input.version ?? current;
  const set = version === undefined ? null : await db().policySet.findUnique({ where: { version } });
  if (!set || current === undefined)
    throw new AppError("not_found", "There is no such version of the policies.", {
      remedy: "Look at the version in force.",
    });
  const files = z.array(policyFile).parse(set.files);
  const parsed = parsePolicies(files, schema);
  const faults = policyFaults.safeParse(refused?.value);
  return {
    version: set.version,
    current,
    source: set.source === "folder" ? "folder" : "default",
    loadedAt: set.loadedAt.toISOString(),
    loadedBy: set.loadedBy,
    files,
    policies: parsed.ok ? parsed.set.policies : [],
    rules: parsed.ok ? parsed.set.rules : null,
    refused: faults.success ? { at: faults.data.at, faults: faults.data.faults } : null,
    versions: versions.map((it) => ({ ...it, loadedAt: it.loadedAt.toISOString() })),
  };
}

const words = new Map<number, Map<string, string | null>>();

/** The words of policies as they stood in a version. A version never changes, so each is read once a process. */
export async function policiesOfVersion(
  version: number,
  ids: readonly string[],
): Promise<{ id: string; because: string | null }[]> {
  const known = words.get(version) ?? (await wordsOf(version));
  words.set(version, known);
  return ids.map((id) => ({ id, because: known.get(id) ?? null }));
}

async function wordsOf(version: number): Promise<Map<string, string | null>> {
  const set = await db().policySet.findUnique({ where: { version }, select: { files: true } });
  const parsed = parsePolicies(z.array(policyFile).parse(set?.files ?? []), await readPolicySchema());
  return new Map(parsed.ok ? parsed.set.policies.map(({ id, because }) => [id, because]) : []);
}
