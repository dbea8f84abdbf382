"use server";

import { action, readingAction } from "@/app/action";
import { eraseInput, tracesInput } from "@/lib/audit/erase-schema";
import { eraseFromRecord, previewErasure } from "@/lib/audit/erase-values";

export const preview = readingAction(tracesInput, previewErasure);
export const erase = action(eraseInput, eraseFromRecord);
