import type { TaskList } from "graphile-worker";
import { db } from "../db/client";
import { jobs } from "../jobs/schema";
import { runJobs, worker } from "../requests/test-world";
import { advanceOffboarding } from "./advance-offboarding";
import { beginOffboarding } from "./begin-offboarding";
import { carryOutStep } from "./carry-out-step";
import { findLeavers } from "./find-leavers";

// For tests: the worker's jobs of leaving, run at a word.

const tasks: TaskList = {
  "begin-offboarding": (payload) => beginOffboarding(worker, jobs["begin-offboarding"].parse(payload)),
  "carry-out-step": (payload) => carryOutStep(worker, jobs["carry-out-step"].parse(payload)),
  "advance-offboarding": (payload) => advanceOffboarding(worker, jobs["advance-offboarding"].parse(payload)),
  "find-leavers": (payload) => findLeavers(worker, jobs["find-leavers"].parse(payload)),
};

/** Runs the jobs that are due, and those that they order, until the run rests or nothing is due any more. */
export async function runLeaving(id?: string): Promise<void> {
  await runJobs(tasks);
  if (id === undefined) return;
  // A run looks at its grants again in a moment; here that moment is now.
  await advanceOffboarding(worker, { offboardingId: id });
  await runJobs(tasks);
}

/** A run, by its id. */
export function runOf(id: string) {
  return db().offboarding.findUniqueOrThrow({ where: { id } });
}

/** The steps of a run, in order, as kind and state. */
export async function stepsOf(id: string) {
  return db().offboardingStep.findMany({ where: { offboardingId: id }, orderBy: { position: "asc" } });
}

/** What is left behind, as kind and name. */
export async function itemsOf(id: string) {
  return db().offboardingItem.findMany({ where: { offboardingId: id }, orderBy: [{ kind: "asc" }, { name: "asc" }] });
}
