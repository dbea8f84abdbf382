import { z } from "zod";
import { db } from "../db/client";
import { AppError } from "../errors";
import { decidePolicy, type PreparedPolicies, preparePolicies } from "./decide-policy";
import { parsePolicies } from "./parse-policies";
import { readPolicySchema } from "./read-policy-files";
import { type PolicyDecision, type PolicyFacts, policyFile } from "./schema";

const prepared = new Map<number, Promise<PreparedPolicies>>();

/**
 * The policies in force, ready to decide; every process asks the database which version that is, each time.
 * @throws AppError `unavailable` while none could be loaded yet
 */
export async function currentPolicies(): Promise<PreparedPolicies> {
  const last = await db().policySet.findFirst({ orderBy: { version: "desc" }, select: { version: true } });
  if (!last)
    throw new AppError("unavailable", "No policies are loaded yet, and without them nothing is allowed.", {
      remedy: "Start the worker, or load them on the page Policies.",
    });
  const known = prepared.get(last.version) ?? prepare(last.version);
  prepared.set(last.version, known);
  known.catch(() => prepared.delete(last.version));
  return known;
}

/** Decides by the policies in force. */
export async function decideByPolicy(facts: PolicyFacts): Promise<PolicyDecision> {
  return decidePolicy(await currentPolicies(), facts);
}

async function prepare(version: number): Promise<PreparedPolicies> {
  const [{ files }, schema] = await Promise.all([
    db().policySet.findUniqueOrThrow({ where: { version }, select: { files: true } }),
    readPolicySchema(),
  ]);
  const parsed = parsePolicies(z.array(policyFile).parse(files), schema);
  if (parsed.ok) return preparePolicies(parsed.set, version, schema);
  // An upgrade may check more than the version that loaded them did.
  throw new AppError("unavailable", `The policies of version ${version} no longer pass: ${parsed.faults[0]?.message}`, {
    remedy: "Mend the files of the policies and load them again.",
  });
}
