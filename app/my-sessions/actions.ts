"use server";

import { action } from "@/app/action";
import { endOtherSessions, endSession } from "@/lib/auth/end-session";
import { removePasskey } from "@/lib/auth/remove-passkey";
import { renamePasskey } from "@/lib/auth/rename-passkey";
import { revokeApiToken, revokeApiTokenInput } from "@/lib/auth/revoke-api-token";
import { nothingInput, removePasskeyInput, renamePasskeyInput, sessionInput } from "@/lib/auth/schema";

export const end = action(sessionInput, endSession);
export const endOthers = action(nothingInput, endOtherSessions);
export const rename = action(renamePasskeyInput, renamePasskey);
export const remove = action(removePasskeyInput, removePasskey);
export const revoke = action(revokeApiTokenInput, revokeApiToken);
