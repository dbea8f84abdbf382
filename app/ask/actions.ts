"use server";

import { action, asGiven, readingAction } from "@/app/action";
import { searchCatalogue } from "@/lib/requests/catalogue-queries";
import { previewRequest } from "@/lib/requests/preview-queries";
import { previewRequestInput, searchCatalogueInput, submitRequestInput } from "@/lib/requests/schema";
import { submitRequest } from "@/lib/requests/submit-request";

export const search = readingAction(searchCatalogueInput, searchCatalogue);
export const preview = readingAction(asGiven(previewRequestInput), previewRequest);
export const submit = action(asGiven(submitRequestInput), submitRequest);
