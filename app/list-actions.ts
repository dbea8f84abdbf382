"use server";

import { removeView, removeViewInput } from "@/lib/views/remove-view";
import { saveView } from "@/lib/views/save-view";
import { saveViewInput } from "@/lib/views/schema";
import { action } from "./action";

export const saveViewAction = action(saveViewInput, saveView);
export const removeViewAction = action(removeViewInput, removeView);
