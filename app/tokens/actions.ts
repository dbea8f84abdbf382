"use server";

import { createApiToken, createApiTokenInput } from "@/lib/auth/create-api-token";
import { revokeApiToken, revokeApiTokenInput } from "@/lib/auth/revoke-api-token";
import { action, asGiven } from "../action";

export const make = action(asGiven(createApiTokenInput), createApiToken);
export const revoke = action(revokeApiTokenInput, revokeApiToken);
