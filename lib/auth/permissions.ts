/** The roles a person can have here. "Manager of" and "owner of" are no roles: they come from the inventory. */
export const roles = ["administrator", "security", "auditor", "member"] as const;
export type Role = (typeof roles)[number];

/** Is this word a role? */
export function isRole(text: string): text is Role {
  return (roles as readonly string[]).includes(text);
}

const everybody = roles;
const seesAll = ["administrator", "security", "auditor"] as const;

/**
 * Every action there is, and the roles that may do it on anything. A person may also do some of them on what is theirs
 * (see `own`). A test walks this table with every role; a command that asks for an action not listed here does not
 * compile.
 */
export const permissions = {
  "identity:read": seesAll,
  "identity:edit": ["administrator", "security"],
  "identity:match": ["administrator", "security"],
  "access:read": seesAll,
  "resource:read": seesAll,
  "resource:edit": ["administrator", "security"],
  "credential:read": seesAll,
  "connection:read": seesAll,
  "connection:create": ["administrator"],
  "connection:edit": ["administrator"],
  "connection:remove": ["administrator"],
  "connection:sync": ["administrator", "security"],
  "sync:resolve": ["administrator", "security"],
  "usage:read": seesAll,
  "usage:write": ["administrator"],
  "activity:read": seesAll,
  "record:export": seesAll,
  "record:configure": ["administrator"],
  // Taken away for ever: whoever may do it cannot do it unseen.
  "record:erase": ["administrator"],
  // The worker's own: what an older database has forgotten is taken back again.
  "record:restore": [],
  "person:read": seesAll,
  "person:set_role": ["administrator"],
  "person:disable": ["administrator", "security"],
  "person:enable": ["administrator"],
  "session:read": ["administrator", "security"],
  "session:end": ["administrator", "security"],
  // Whoever holds such a link becomes that person, so only somebody with a shell on the machine may make one.
  "sign_in_link:create": [],
  "passkey:add": [],
  "passkey:remove": ["administrator"],
  "token:read": seesAll,
  "token:create": ["administrator"],
  "token:revoke": ["administrator", "security"],
  "view:save": everybody,
  "view:share": ["administrator", "security"],
  "inventory:export": seesAll,
  "policy:read": seesAll,
  "policy:load": ["administrator"],
  "policy:simulate": seesAll,
  // Asking, deciding and giving back go by who one is to the thing: no role carries a right to approve.
  "request:create": everybody,
  "request:read": seesAll,
  "request:decide": [],
  "request:cancel": ["administrator"],
  "delegation:create": ["administrator"],
  "catalogue:read": everybody,
  "grant:read": seesAll,
  "grant:revoke": ["security"],
  "grant:retry": ["administrator", "security"],
  "grant:collect": [],
  // By the one it was approved for, with a device in their hand: no token carries it.
  "grant:confirm": [],
  "break_glass:review": [],
  "hand_task:read": seesAll,
  "hand_task:complete": ["security"],
  // Whoever somebody reports to, or who owns a machine, may start its leaving and decide on what it leaves behind.
  "offboarding:read": seesAll,
  "offboarding:start": ["administrator", "security"],
  "offboarding:decide": ["administrator", "security"],
  "offboarding:cancel": ["administrator", "security"],
  // Whoever ordered what the brake holds may not let it go on by themself: it takes one of these.
  "offboarding:release": ["administrator", "security"],
  // The worker's own.
  "offboarding:carry_out": [],
  // The worker's own: no person gives access by hand.
  "grant:provision": [],
  "installation:read": ["administrator"],
  "message:read": seesAll,
  "message:configure": ["administrator"],
  "message:retry": ["administrator", "security"],
  "message:choose": [],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof permissions;

/** The actions that a person may also do on themself and on what they own; the query or command narrows to it. */
export const own = [
  "identity:read",
  "identity:edit",
  "access:read",
  "credential:read",
  "usage:read",
  "session:read",
  "session:end",
  "passkey:add",
  "passkey:remove",
  "token:read",
  "token:revoke",
  "inventory:export",
  "message:choose",
  "request:read",
  "request:decide",
  "request:cancel",
  "delegation:create",
  "grant:read",
  "grant:revoke",
  "grant:collect",
  "grant:confirm",
  "break_glass:review",
  "hand_task:read",
  "hand_task:complete",
  "offboarding:read",
  "offboarding:start",
  "offboarding:decide",
  "offboarding:cancel",
] as const satisfies readonly Permission[];

/** The scopes an API token can be given, and the actions that each carries. */
export const scopes = {
  "inventory:read": [
    "identity:read",
    "access:read",
    "resource:read",
    "credential:read",
    "connection:read",
    "usage:read",
    "inventory:export",
  ],
  "inventory:write": ["identity:edit", "identity:match", "resource:edit"],
  "connections:write": ["connection:create", "connection:edit", "connection:sync", "connection:remove", "sync:resolve"],
  "usage:write": ["usage:write"],
  "audit:read": ["activity:read", "record:export"],
  "audit:write": ["record:configure"],
  "audit:erase": ["record:erase"],
  "access:request": [
    "catalogue:read",
    "request:create",
    "request:read",
    "request:cancel",
    "grant:read",
    "grant:collect",
  ],
  "access:decide": ["request:read", "request:decide", "break_glass:review"],
  "access:revoke": ["grant:read", "grant:revoke", "grant:retry", "hand_task:read", "hand_task:complete"],
  "offboarding:read": ["offboarding:read"],
  "offboarding:write": ["offboarding:read", "offboarding:start", "offboarding:decide", "offboarding:cancel"],
  "policies:read": ["policy:read", "policy:simulate"],
  "people:read": ["person:read", "token:read", "session:read"],
  "messages:read": ["message:read"],
  "messages:write": ["message:configure", "message:retry"],
} as const satisfies Record<string, readonly Permission[]>;

export type Scope = keyof typeof scopes;
export const scopeNames = Object.keys(scopes) as Scope[];

/** Do these scopes carry this action? */
export function scopesCarry(given: readonly string[], permission: Permission): boolean {
  return given.some((name) => name in scopes && (scopes[name as Scope] as readonly Permission[]).includes(permission));
}
