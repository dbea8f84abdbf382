import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Permission } from "@/lib/auth/permissions";

// For tests: the doors of the product, as they are written down and as they are found in the sources.

/** Every server action, and the permission its command asks for. `visitor`: for somebody who is not signed in yet. */
export const serverActions: Record<string, Permission | "visitor"> = {
  "app/accounts/actions.ts#matchAccountAction": "identity:match",
  "app/accounts/rules/actions.ts#deleteRule": "identity:match",
  "app/accounts/rules/actions.ts#saveRule": "identity:match",
  "app/accounts/rules/actions.ts#tryRule": "identity:match",
  "app/destinations/actions.ts#create": "record:configure",
  "app/destinations/actions.ts#pause": "record:configure",
  "app/destinations/actions.ts#remove": "record:configure",
  "app/destinations/actions.ts#resume": "record:configure",
  "app/destinations/actions.ts#test": "record:configure",
  "app/activity/erase/actions.ts#erase": "record:erase",
  "app/activity/erase/actions.ts#preview": "record:erase",
  "app/ask/actions.ts#preview": "request:create",
  "app/ask/actions.ts#search": "catalogue:read",
  "app/ask/actions.ts#submit": "request:create",
  "app/connections/actions.ts#applyPaused": "sync:resolve",
  "app/connections/actions.ts#check": "connection:create",
  "app/connections/actions.ts#connect": "connection:create",
  "app/connections/actions.ts#discardPaused": "sync:resolve",
  "app/connections/actions.ts#edit": "connection:edit",
  "app/connections/actions.ts#remove": "connection:remove",
  "app/connections/actions.ts#setupSteps": "connection:create",
  "app/connections/actions.ts#syncNow": "connection:sync",
  "app/grants/actions.ts#beginConfirm": "grant:confirm",
  "app/grants/actions.ts#collect": "grant:collect",
  "app/grants/actions.ts#confirm": "grant:confirm",
  "app/grants/actions.ts#extend": "request:create",
  "app/grants/actions.ts#goes": "grant:revoke",
  "app/grants/actions.ts#retry": "grant:retry",
  "app/grants/actions.ts#revoke": "grant:revoke",
  "app/grants/actions.ts#revokeMany": "grant:revoke",
  "app/identities/actions.ts#editIdentitiesAction": "identity:edit",
  "app/identities/actions.ts#previewIdentityEditAction": "identity:edit",
  "app/inbox/actions.ts#begin": "request:decide",
  "app/inbox/actions.ts#completeTask": "hand_task:complete",
  "app/inbox/actions.ts#decide": "request:decide",
  "app/inbox/actions.ts#decideMany": "request:decide",
  "app/inbox/actions.ts#endStandIn": "delegation:create",
  "app/inbox/actions.ts#review": "break_glass:review",
  "app/inbox/actions.ts#standIn": "delegation:create",
  "app/list-actions.ts#removeViewAction": "view:save",
  "app/list-actions.ts#saveViewAction": "view:save",
  "app/messages/actions.ts#choose": "message:choose",
  "app/messages/actions.ts#create": "message:configure",
  "app/messages/actions.ts#edit": "message:configure",
  "app/messages/actions.ts#giveUp": "message:retry",
  "app/messages/actions.ts#remove": "message:configure",
  "app/messages/actions.ts#retry": "message:retry",
  "app/messages/actions.ts#rotate": "message:configure",
  "app/messages/actions.ts#test": "message:configure",
  "app/my-sessions/actions.ts#end": "session:end",
  "app/my-sessions/actions.ts#endOthers": "session:end",
  "app/my-sessions/actions.ts#remove": "passkey:remove",
  "app/my-sessions/actions.ts#rename": "passkey:add",
  "app/my-sessions/actions.ts#revoke": "token:revoke",
  "app/offboardings/actions.ts#cancel": "offboarding:cancel",
  "app/offboardings/actions.ts#decide": "offboarding:decide",
  "app/offboardings/actions.ts#decideHeld": "offboarding:release",
  "app/offboardings/actions.ts#dismiss": "offboarding:cancel",
  "app/offboardings/actions.ts#dispose": "offboarding:decide",
  "app/offboardings/actions.ts#followAll": "offboarding:decide",
  "app/offboardings/actions.ts#release": "offboarding:release",
  "app/offboardings/actions.ts#start": "offboarding:start",
  "app/people/actions.ts#changeRoles": "person:set_role",
  "app/people/actions.ts#disable": "person:disable",
  "app/people/actions.ts#enable": "person:enable",
  "app/people/actions.ts#endAll": "session:end",
  "app/people/actions.ts#endOne": "session:end",
  "app/people/actions.ts#leaveRolesToSignOn": "person:set_role",
  "app/people/actions.ts#revoke": "token:revoke",
  "app/policies/actions.ts#find": "catalogue:read",
  "app/policies/actions.ts#load": "policy:load",
  "app/policies/actions.ts#simulate": "policy:simulate",
  "app/requests/actions.ts#answer": "request:read",
  "app/requests/actions.ts#cancel": "request:cancel",
  "app/requests/actions.ts#retry": "grant:retry",
  "app/resources/actions.ts#previewOwner": "resource:edit",
  "app/resources/actions.ts#setOwner": "resource:edit",
  "app/restorations/actions.ts#see": "record:configure",
  "app/tokens/actions.ts#make": "token:create",
  "app/tokens/actions.ts#revoke": "token:revoke",
  "app/sign-in/actions.ts#keepPasskey": "passkey:add",
  "app/sign-in/actions.ts#signInByLink": "visitor",
  "app/sign-in/actions.ts#signInByPasskey": "visitor",
  "app/sign-in/actions.ts#signOut": "session:end",
  "app/sign-in/actions.ts#startPasskey": "passkey:add",
  "app/sign-in/actions.ts#startPasskeySignIn": "visitor",
};

/** The sources below `folder`, tests aside. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((file) => path.join(folder, file))
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file));
}

/** Each exported server action, with the text of the line that makes it and of the lib files it comes from. */
export function actionsIn(folder: string): { name: string; source: string }[] {
  return filesIn(folder).flatMap((file) => {
    const text = readFileSync(file, "utf8");
    if (!/^\s*"use server"/m.test(text)) return [];
    const commands = [...text.matchAll(/from "@\/(lib\/[^"]+)"/g)].map((match) =>
      readFileSync(`${match[1]}.ts`, "utf8"),
    );
    const starts = [...text.matchAll(/^export (?:const|async function) (\w+)/gm)];
    return starts.map((start, i) => ({
      name: `${file}#${start[1]}`,
      source: [text.slice(start.index, starts[i + 1]?.index), ...commands].join("\n"),
    }));
  });
}
