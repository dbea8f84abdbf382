import { z } from "zod";

/** How the connection is encrypted, in libpq's words. */
export const sslModes = ["disable", "prefer", "require", "verify-ca", "verify-full"] as const;

// Databases of managed services that no customer can enter; named so that they do not keep a read from being complete.
const providersOwn = ["rdsadmin", "cloudsqladmin", "alloydbadmin", "azure_maintenance", "azure_sys"];

const name = z.string().min(1).max(63);

/** Where the cluster is and what of it is read. */
export const settings = z
  .object({
    host: z
      .string()
      .trim()
      .min(1)
      .max(255)
      .meta({ title: "Host", description: "Name or address of the server, as seen from where Rollcall runs." }),
    port: z.coerce.number().int().min(1).max(65535).default(5432).meta({ title: "Port", description: "Usually 5432." }),
    user: name.meta({
      title: "User",
      description: "The role to sign in as. The instructions make one that only reads.",
    }),
    database: name.default("postgres").meta({
      title: "Database",
      description: "The database to sign in to. Which databases are read is set below.",
    }),
    databases: z.enum(["all", "one", "list"]).default("all").meta({
      title: "Databases to read",
      description:
        "all: every one that can be entered, except templates. one: the database above. list: those included.",
    }),
    include: z
      .array(name)
      .max(1_000)
      .default([])
      .meta({ title: "Included databases", description: "With list: the databases to read." }),
    exclude: z
      .array(name)
      .max(1_000)
      .default(providersOwn)
      .meta({ title: "Excluded databases", description: "With all: the databases to leave out." }),
    sslmode: z.enum(sslModes).default("prefer").meta({
      title: "Encryption",
      description:
        "verify-full: encrypted, and the server proves that it is this host. verify-ca: it proves only that its certificate is trusted. require: encrypted, to whoever answers. prefer: encrypted where the server can. disable: never.",
    }),
    ca: z.string().trim().max(100_000).default("").meta({
      title: "Certificate authority",
      description:
        "The PEM text of the authority that signed the server's certificate. Empty: those that the machine trusts.",
    }),
    connectTimeoutSeconds: z.coerce.number().int().min(1).max(120).default(10).meta({
      title: "Time to connect",
      description: "Seconds after which a server that does not answer is given up.",
    }),
    statementTimeoutSeconds: z.coerce.number().int().min(1).max(3_600).default(60).meta({
      title: "Time for one statement",
      description: "Seconds after which a statement is ended, here and in the server.",
    }),
    provisionUser: z.string().max(63).default("").meta({
      title: "Role that gives access",
      description:
        "A second role, with which Rollcall gives access and takes it back. Empty: this connection only reads. The instructions make it.",
    }),
    includeSystemSchemas: z.boolean().default(false).meta({
      title: "Include system schemas",
      description:
        "Read all of pg_catalog and information_schema. Otherwise only what was changed there since the installation.",
    }),
  })
  .refine(({ databases, include }) => databases !== "list" || include.length > 0, {
    path: ["include"],
    message: "name at least one database, or read all of them",
  });
export type Settings = z.infer<typeof settings>;

/** Kept encrypted. */
export const secrets = z.object({
  password: z.string().max(1_000).default("").meta({
    title: "Password",
    description: "Empty where the server lets this role in without one.",
  }),
  provisionPassword: z.string().max(1_000).default("").meta({
    title: "Password of the role that gives access",
    description: "Only where there is such a role.",
  }),
});
export type Secrets = z.infer<typeof secrets>;

/** What an interrupted read is taken up from. */
export const readCursor = z.object({
  /** Databases that were read to their end. */
  done: z.array(z.string()),
  /** Was anything left out, so that absence proves nothing? */
  incomplete: z.boolean(),
});
export type ReadCursor = z.infer<typeof readCursor>;

// What the server sends, parsed once where it arrives.

const flag = z.boolean();
const nullable = z.string().nullable();

export const versionRow = z.object({ server_version_num: z.string() });
export type VersionRow = z.infer<typeof versionRow>;

export const nameRow = z.object({ name: z.string() });

export const factsRow = z.object({
  version: z.string(),
  as: z.string(),
  superuser: flag,
  in_recovery: flag,
  sees_sessions: flag,
  passwords: z.enum(["catalog", "view", "hidden"]),
  roles: z.number().int(),
});
export type FactsRow = z.infer<typeof factsRow>;

export const databaseRow = z.object({
  oid: z.string(),
  name: z.string(),
  owner: nullable,
  owner_inherits: flag,
  allows_connections: flag,
  template: flag,
  may_connect: flag,
});
export type DatabaseRow = z.infer<typeof databaseRow>;

export const roleRow = z.object({
  oid: z.string(),
  name: z.string(),
  login: flag,
  superuser: flag,
  inherit: flag,
  createrole: flag,
  createdb: flag,
  replication: flag,
  bypassrls: flag,
  connection_limit: z.number().int(),
  valid_until: z.date().nullable(),
  comment: nullable,
  password: z.enum(["unknown", "none", "scram-sha-256", "md5", "other"]),
  last_used_at: z.date().nullable(),
  last_used_from: nullable,
});
export type RoleRow = z.infer<typeof roleRow>;

export const membershipRow = z.object({
  member: z.string(),
  group: z.string(),
  inherits: flag,
  switches: flag,
  administers: flag,
});
export type MembershipRow = z.infer<typeof membershipRow>;

export const objectRow = z.object({
  type: z.string(),
  name: z.string(),
  self: nullable,
  parent_type: nullable,
  parent_name: nullable,
  owner: nullable,
  attributes: z.record(z.string(), z.unknown()),
});
export type ObjectRow = z.infer<typeof objectRow>;

export const grantRow = z.object({
  type: z.string(),
  name: z.string(),
  /** Null: the role is gone, or it is PUBLIC. */
  grantee: nullable,
  public: flag,
  bypasses: flag,
  privilege: z.string(),
  grantable: flag,
  grantors: nullable,
  condition: nullable,
});
export type GrantRow = z.infer<typeof grantRow>;

export const defaultGrantRow = z.object({
  schema: nullable,
  role: z.string(),
  objects: z.string(),
  grantee: nullable,
  public: flag,
  privilege: z.string(),
  grantable: flag,
});
export type DefaultGrantRow = z.infer<typeof defaultGrantRow>;

export const sessionRow = z.object({ account: z.string(), at: z.date(), from: nullable, sessions: z.number().int() });
export type SessionRow = z.infer<typeof sessionRow>;
