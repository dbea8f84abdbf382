"use server";

import { editIdentities } from "@/lib/inventory/edit-identities";
import { previewIdentityEdit } from "@/lib/inventory/identity-edit-queries";
import { editIdentitiesInput } from "@/lib/inventory/schema";
import { action, readingAction } from "../action";

export const editIdentitiesAction = action(editIdentitiesInput, editIdentities);
export const previewIdentityEditAction = readingAction(editIdentitiesInput, previewIdentityEdit);
