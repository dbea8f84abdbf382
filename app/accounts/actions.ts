"use server";

import { matchAccount } from "@/lib/connections/match-account";
import { matchAccountInput } from "@/lib/connections/match-schema";
import { action } from "../action";

export const matchAccountAction = action(matchAccountInput, matchAccount);
