"use server";

import { action, asGiven, readingAction } from "@/app/action";
import { retryGrant } from "@/lib/grants/activate-grant";
import { collectCredential } from "@/lib/grants/collect-credential";
import { beginConfirmation, confirmGrant } from "@/lib/grants/confirm-grant";
import { revokeGrant, revokeGrants } from "@/lib/grants/end-grant";
import { previewRevoke, previewRevokeInput } from "@/lib/grants/revoke-preview-queries";
import { confirmGrantInput, grantIdInput, revokeGrantInput, revokeGrantsInput } from "@/lib/grants/schema";
import { extendRequest } from "@/lib/requests/extend-request";
import { extendRequestInput } from "@/lib/requests/schema";

export const revoke = action(revokeGrantInput, revokeGrant);
export const revokeMany = action(revokeGrantsInput, revokeGrants);
export const goes = readingAction(previewRevokeInput, previewRevoke);
export const retry = action(grantIdInput, retryGrant);
export const extend = action(asGiven(extendRequestInput), extendRequest);
export const beginConfirm = readingAction(grantIdInput, beginConfirmation);
export const confirm = action(confirmGrantInput, confirmGrant);
export const collect = action(grantIdInput, collectCredential);
