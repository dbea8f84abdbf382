"use server";

import { action } from "@/app/action";
import { answerRequest, cancelRequest } from "@/lib/requests/cancel-request";
import { answerRequestInput, cancelRequestInput, requestIdInput } from "@/lib/requests/schema";
import { retryRequest } from "@/lib/requests/settle-request";

export const cancel = action(cancelRequestInput, cancelRequest);
export const answer = action(answerRequestInput, answerRequest);
export const retry = action(requestIdInput, retryRequest);
