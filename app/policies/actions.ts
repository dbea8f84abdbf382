"use server";

import { z } from "zod";
import { action, asGiven, readingAction } from "@/app/action";
import { loadPolicies } from "@/lib/policies/load-policies";
import { searchCatalogue } from "@/lib/requests/catalogue-queries";
import { searchCatalogueInput } from "@/lib/requests/schema";
import { simulatePolicy, simulatePolicyInput } from "@/lib/requests/simulate-queries";

export const load = action(z.strictObject({}), (actor) => loadPolicies(actor));
export const simulate = readingAction(asGiven(simulatePolicyInput), simulatePolicy);
export const find = readingAction(searchCatalogueInput, searchCatalogue);
