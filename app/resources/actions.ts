"use server";

import { setResourceOwnerInput } from "@/lib/inventory/schema";
import { previewResourceOwner, setResourceOwner } from "@/lib/inventory/set-resource-owner";
import { action, readingAction } from "../action";

export const setOwner = action(setResourceOwnerInput, setResourceOwner);
export const previewOwner = readingAction(setResourceOwnerInput, previewResourceOwner);
