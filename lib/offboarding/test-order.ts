import { worker } from "../requests/test-world";
import { startOffboarding } from "./start-offboarding";

// For tests: a process that takes one order, as a web process does, and ends.
await startOffboarding(worker, { identity: process.env.ORDER_OF ?? "", holdDays: null });
process.exit(0);
