"use server";

import { checkConnection } from "@/lib/connections/check-connection";
import { createConnection } from "@/lib/connections/create-connection";
import { describeSetup, describeSetupInput } from "@/lib/connections/describe-setup";
import { editConnection } from "@/lib/connections/edit-connection";
import { removeConnection } from "@/lib/connections/remove-connection";
import { requestSync } from "@/lib/connections/request-sync";
import { applySync, discardSync } from "@/lib/connections/resolve-sync";
import {
  checkConnectionInput,
  connectionRef,
  createConnectionInput,
  editConnectionInput,
  removeConnectionInput,
  runRef,
} from "@/lib/connections/schema";
import { action } from "../action";

export const check = action(checkConnectionInput, checkConnection);
export const connect = action(createConnectionInput, createConnection);
export const edit = action(editConnectionInput, editConnection);
export const remove = action(removeConnectionInput, removeConnection);
export const syncNow = action(connectionRef, requestSync);
export const applyPaused = action(runRef, applySync);
export const discardPaused = action(runRef, discardSync);
export const setupSteps = action(describeSetupInput, describeSetup);
