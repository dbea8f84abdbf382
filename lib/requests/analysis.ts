import type { z } from "zod";
import type { PreparedPolicies } from "../policies/decide-policy";
import type { AskingFacts, IdentityFacts, PolicyDecision, PolicyRules } from "../policies/schema";
import type { FoundItem } from "./find-asked";
import type { ApprovalPlan, Obstacle, previewRequestInput } from "./schema";
import type { StaffedStep } from "./staff-steps";

export type AnalysedItem = FoundItem & {
  /** What the policies were told. */
  facts: Omit<AskingFacts, "action">;
  decision: PolicyDecision;
  /** Held already, by whatever path. */
  alreadyHeld: boolean;
  conflicts: string[];
  /** Nobody's connector gives this: a person does it by hand. */
  byHand: boolean;
};

/** All that is to be known of a request before it is made. With an obstacle it cannot be made. */
export type Analysis = {
  requester: IdentityFacts;
  subject: IdentityFacts;
  relation: AskingFacts["relation"];
  items: AnalysedItem[];
  plan: ApprovalPlan;
  steps: StaffedStep[];
  policyVersion: number;
  rules: PolicyRules;
  policies: string[];
  /** The words of each policy in force. */
  words: ReadonlyMap<string, string | null>;
  obstacles: Obstacle[];
  at: Date;
  /** The longest time for which all of it could be asked for; null where no time would do. */
  longest(): number | null;
};

export type AskingInput = z.output<typeof previewRequestInput> & { extends?: string };

/** Who asks for whom, under which policies, while a request is looked at. */
export type Asking = {
  requester: IdentityFacts;
  subject: IdentityFacts;
  relation: AskingFacts["relation"];
  at: Date;
  input: AskingInput;
  policies: PreparedPolicies;
};
