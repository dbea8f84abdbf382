import { FilterParser } from "ldapts";
import { z } from "zod";
import { parseDn } from "./dn";

export const securities = ["ldaps", "starttls", "plain"] as const;
export const schemas = ["auto", "openldap", "active-directory"] as const;

const dn = z
  .string()
  .trim()
  .max(1_000)
  .refine((text) => text === "" || parseDn(text) !== null, "is no distinguished name, such as dc=example,dc=com");

const filter = z
  .string()
  .trim()
  .max(4_000)
  .default("")
  .refine((text) => text === "" || isFilter(text), "is no LDAP filter, such as (ou=Staff)");

/** Where the directory is and what of it is read. */
export const settings = z.object({
  host: z.string().trim().min(1).max(255).meta({
    title: "Host",
    description: "Name of one server, as its certificate has it. In Active Directory: one domain controller.",
  }),
  port: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .meta({ title: "Port", description: "Empty: 636 with ldaps, otherwise 389." }),
  security: z.enum(securities).default("ldaps").meta({
    title: "Encryption",
    description:
      "ldaps: encrypted from the first byte. starttls: encrypted before signing in. plain: not encrypted, so that everybody on the way reads the password and may change what is read; for tests only.",
  }),
  ca: z.string().trim().max(100_000).default("").meta({
    title: "Certificate authority",
    description:
      "The PEM text of the authority that signed the server's certificate. Empty: those that the machine trusts.",
  }),
  bindDn: z
    .string()
    .trim()
    .max(1_000)
    .default("")
    .refine((text) => text === "" || /[=@\\]/.test(text), "is no distinguished name, user@domain or DOMAIN\\user")
    .meta({
      title: "Sign in as",
      description:
        "Distinguished name of the account to read with; in Active Directory also user@domain. Empty: anonymous.",
    }),
  provisionDn: z
    .string()
    .trim()
    .max(1_000)
    .default("")
    .refine((text) => text === "" || /[=@\\]/.test(text), "is no distinguished name, user@domain or DOMAIN\\user")
    .meta({
      title: "Account that gives access",
      description:
        "A second account, with which Rollcall puts into groups and takes out again. Empty: this connection only reads. The instructions make it.",
    }),
  baseDn: dn.default("").meta({
    title: "Base",
    description: "Below this entry everything is read: dc=example,dc=com. Empty: what the server names as its own.",
  }),
  schema: z.enum(schemas).default("auto").meta({
    title: "Kind of directory",
    description: "auto: as the server describes itself. openldap: any directory with the standard schemas.",
  }),
  accountFilter: filter.meta({
    title: "Only these accounts",
    description: "An LDAP filter that accounts must fit too. What does not fit counts as not there.",
  }),
  groupFilter: filter.meta({
    title: "Only these groups",
    description: "An LDAP filter that groups must fit too. What does not fit counts as not there.",
  }),
  privilegedGroups: z.string().max(20_000).default("").meta({
    title: "Privileged groups",
    description:
      "Distinguished names, one a line, of groups whose members are administrators of something. Those of Active Directory itself are known.",
  }),
  pageSize: z.coerce.number().int().min(1).max(5_000).default(500).meta({
    title: "Entries in one answer",
    description: "And members of a group in one answer of Active Directory. Servers commonly allow up to 1000.",
  }),
  connectTimeoutSeconds: z.coerce.number().int().min(1).max(120).default(10).meta({
    title: "Time to connect",
    description: "Seconds after which a server that does not answer is given up.",
  }),
  requestTimeoutSeconds: z.coerce.number().int().min(1).max(3_600).default(60).meta({
    title: "Time for one answer",
    description: "Seconds after which one page is given up, here and at the server.",
  }),
});
export type Settings = z.infer<typeof settings>;

/** Kept encrypted. */
export const secrets = z.object({
  password: z.string().max(1_000).default("").meta({ title: "Password", description: "Of the account to read with." }),
  provisionPassword: z.string().max(1_000).default("").meta({
    title: "Password of the account that gives access",
    description: "Only where there is such an account.",
  }),
});
export type Secrets = z.infer<typeof secrets>;

/** The settings of an export. */
export const ldifSettings = z.strictObject({
  privilegedGroups: settings.shape.privilegedGroups,
});
export type LdifSettings = z.infer<typeof ldifSettings>;

/** Where a directory is, with its port. */
export function targetOf({ host, port, security }: Settings): { host: string; port: number } {
  return { host, port: port ?? (security === "ldaps" ? 636 : 389) };
}

function isFilter(text: string): boolean {
  try {
    FilterParser.parseString(text);
    return true;
  } catch {
    return false;
  }
}
