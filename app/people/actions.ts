"use server";

import { action } from "@/app/action";
import { disablePerson, enablePerson } from "@/lib/auth/disable-person";
import { endSession, endSessionsOf } from "@/lib/auth/end-session";
import { revokeApiToken, revokeApiTokenInput } from "@/lib/auth/revoke-api-token";
import { personInput, sessionInput, setRolesInput } from "@/lib/auth/schema";
import { releaseRoles, setRoles } from "@/lib/auth/set-roles";

export const changeRoles = action(setRolesInput, setRoles);
export const leaveRolesToSignOn = action(personInput, releaseRoles);
export const disable = action(personInput, disablePerson);
export const enable = action(personInput, enablePerson);
export const endOne = action(sessionInput, endSession);
export const endAll = action(personInput, endSessionsOf);
export const revoke = action(revokeApiTokenInput, revokeApiToken);
