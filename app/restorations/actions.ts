"use server";

import { action } from "@/app/action";
import { restorationRef } from "@/lib/restoration/schema";
import { seeRestoration } from "@/lib/restoration/see-restoration";

export const see = action(restorationRef, seeRestoration);
