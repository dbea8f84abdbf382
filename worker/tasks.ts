import type { Tasks } from "@/lib/jobs/run-worker";

/** Job name → the command that it is. */
export const tasks: Tasks = {};
