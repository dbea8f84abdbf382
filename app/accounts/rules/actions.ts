"use server";

import { matchRuleInput, matchRuleRef } from "@/lib/connections/match-schema";
import { deleteMatchRule, previewMatchRule, saveMatchRule } from "@/lib/connections/save-match-rule";
import { action, asGiven, readingAction } from "../../action";

export const saveRule = action(asGiven(matchRuleInput), saveMatchRule);
export const tryRule = readingAction(asGiven(matchRuleInput), previewMatchRule);
export const deleteRule = action(matchRuleRef, deleteMatchRule);
