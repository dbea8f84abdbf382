import { digestOf, record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { type Tx, transaction } from "../db/client";
import { now } from "../time";
import { withDemoConflicts } from "./demo-conflicts";
import { parsePolicies } from "./parse-policies";
import { type PolicySource, readPolicyFiles, readPolicySchema } from "./read-policy-files";
import { type PolicyFault, policyFaults } from "./schema";

export type LoadedPolicies = { version: number; changed: boolean; faults: PolicyFault[] };

/**
 * Loads the policies from their files, all of them or none: a set with a fault leaves the one before in force and says
 * where the fault is. A set that has not changed makes no version and no event.
 * @throws AppError `invalid` when there is nothing to fall back on
 */
export async function loadPolicies(actor: Actor): Promise<LoadedPolicies> {
  await authorize(actor, "policy:load");
  const [source, schema] = await Promise.all([readPolicyFiles().then(withDemoConflicts), readPolicySchema()]);
  const parsed = parsePolicies(source.files, schema);
  return transaction(async (tx) => {
    // Two processes that start at once load one version.
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('load policies', 0))`;
    return parsed.ok ? accept(tx, actor, source) : refuseSet(tx, actor, source, parsed.faults);
  });
}

async function accept(tx: Tx, actor: Actor, { source, place, files }: PolicySource): Promise<LoadedPolicies> {
  await tx.setting.deleteMany({ where: { key: faultsKey } });
  const digest = digestOf(files);
  const last = await tx.policySet.findFirst({ orderBy: { version: "desc" }, select: { version: true, digest: true } });
  if (last?.digest === digest) return { version: last.version, changed: false, faults: [] };
  const { version } = await tx.policySet.create({
    data: { digest, source, files: [...files], loadedAt: now(), loadedBy: actor.name },
    select: { version: true },
  });
  await record(tx, actor, {
    action: "policies.loaded",
    target: { type: "policies", id: String(version), name: `version ${version}` },
    before: last?.digest ?? null,
    after: digest,
    details: {
      source,
      place: source === "default" ? "those that come with Rollcall" : place,
      files: files.map(({ name }) => name),
      digest,
    },
  });
  return { version, changed: true, faults: [] };
}

const faultsKey = "policies.faults";

async function refuseSet(
  tx: Tx,
  actor: Actor,
  { files, place }: PolicySource,
  found: PolicyFault[],
): Promise<LoadedPolicies> {
  const last = await tx.policySet.findFirst({ orderBy: { version: "desc" }, select: { version: true } });
  const digest = digestOf(files);
  const faults = found.slice(0, 50);
  const known = policyFaults.safeParse((await tx.setting.findUnique({ where: { key: faultsKey } }))?.value);
  if (!known.success || known.data.digest !== digest) {
    const value = { digest, at: now().toISOString(), faults };
    await tx.setting.upsert({ where: { key: faultsKey }, create: { key: faultsKey, value }, update: { value } });
    await record(tx, actor, {
      action: "policies.refused",
      target: { type: "policies", name: place },
      outcome: "failed",
      details: {
        faults: faults.slice(0, 10),
        stays: last ? `version ${last.version}` : "none: nothing can be asked for",
      },
    });
  }
  return { version: last?.version ?? 0, changed: false, faults };
}
