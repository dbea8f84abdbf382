"use server";

import { action } from "@/app/action";
import {
  pauseDestination,
  removeDestination,
  resumeDestination,
  testDestination,
} from "@/lib/audit/change-destination";
import { createDestination } from "@/lib/audit/create-destination";
import { createDestinationInput, destinationRef } from "@/lib/audit/destination-schema";

export const create = action(createDestinationInput, createDestination);
export const test = action(destinationRef, testDestination);
export const pause = action(destinationRef, pauseDestination);
export const resume = action(destinationRef, resumeDestination);
export const remove = action(destinationRef, removeDestination);
