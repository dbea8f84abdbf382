"use server";

import { action, asGiven } from "@/app/action";
import { cancelOffboarding, releaseOffboarding } from "@/lib/offboarding/cancel-offboarding";
import { decideHeldInput, decideHeld as decideOnHeld } from "@/lib/offboarding/decide-held";
import { decideStep } from "@/lib/offboarding/decide-step";
import { dismissRehire } from "@/lib/offboarding/dismiss-rehire";
import { disposeItem, followSuggestions } from "@/lib/offboarding/dispose-item";
import {
  cancelOffboardingInput,
  decideStepInput,
  dismissRehireInput,
  disposeItemInput,
  followSuggestionsInput,
  releaseOffboardingInput,
  startOffboardingInput,
} from "@/lib/offboarding/schema";
import { startOffboarding } from "@/lib/offboarding/start-offboarding";

export const start = action(asGiven(startOffboardingInput), startOffboarding);
export const cancel = action(cancelOffboardingInput, cancelOffboarding);
export const release = action(releaseOffboardingInput, releaseOffboarding);
export const dismiss = action(dismissRehireInput, dismissRehire);
export const dispose = action(asGiven(disposeItemInput), disposeItem);
export const followAll = action(followSuggestionsInput, followSuggestions);
export const decide = action(asGiven(decideStepInput), decideStep);
export const decideHeld = action(asGiven(decideHeldInput), decideOnHeld);
