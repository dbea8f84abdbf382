import path from "node:path";
import { z } from "zod";
import { AppError } from "./errors";

const flag = z.enum(["0", "1", "true", "false"]).transform((text) => text === "1" || text === "true");

const schema = z.object({
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, "must begin with postgresql://")
    .optional(),
  DATABASE_POOL: z.coerce.number().int().min(2).max(200).default(10),
  PORT: z.coerce.number().int().min(1).max(65535).default(3000),
  HOST: z.string().default("127.0.0.1"),
  ROLLCALL_DATA: z.string().min(1).default(".rollcall"),
  ROLLCALL_ROOT: z.string().optional(),
  ROLLCALL_ENCRYPTION_KEY: z
    .string()
    .refine((text) => Buffer.from(text, "base64").length === 32, "must be 32 bytes in base64")
    .optional(),
  ROLLCALL_ALLOW_PRIVATE_TARGETS: flag.default(true),
  ROLLCALL_TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  NEXTAUTH_URL: z.url({ protocol: /^https?$/ }).optional(),
  NEXTAUTH_SECRET: z.string().min(16, "must be at least 16 characters").optional(),
  OIDC_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  OIDC_NAME: z.string().default("Single sign-on"),
  OIDC_SCOPE: z.string().default("openid email profile"),
  OIDC_GROUPS_CLAIM: z.string().default("groups"),
  // For an issuer that sends no email_verified and whose e-mail addresses only the organisation can set.
  OIDC_TRUST_EMAIL: flag.default(false),
  ROLLCALL_ADMINISTRATOR_GROUPS: z.string().default("rollcall-administrators"),
  ROLLCALL_SECURITY_GROUPS: z.string().default("rollcall-security"),
  ROLLCALL_AUDITOR_GROUPS: z.string().default("rollcall-auditors"),
  ROLLCALL_MEMBER_GROUPS: z.string().default(""),
  ROLLCALL_ORGANISATION: z.string().max(60).default(""),
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: "must begin with smtp:// or smtps://" }).optional(),
  MAIL_FROM: z
    .string()
    .max(300)
    .regex(/^([^<>\r\n]+ )?<?[^\s<>@]+@[^\s<>@]+>?$/, "must be an address, or: Name <address>")
    .optional(),
  WORKER_ACCESS_HANDS: z.coerce.number().int().min(2).max(200).default(40),
  WORKER_METRICS_PORT: z.coerce.number().int().min(1).max(65535).optional(),
  ROLLCALL_CHECKPOINT_SECONDS: z.coerce.number().int().min(1).max(86_400).default(60),
  // "off" for none: then only what was configured gets checkpoints.
  ROLLCALL_ANCHOR_FILE: z.string().min(1).optional(),
  ROLLCALL_ENDINGS_FILE: z.string().min(1).optional(),
  ROLLCALL_CONTAIN_SECONDS: z.coerce.number().int().min(5).max(86_400).default(60),
  ROLLCALL_COMPLETE_DAYS: z.coerce.number().int().min(1).max(365).default(5),
  ROLLCALL_POLICIES: z.string().min(1).optional(),
  METRICS_TOKEN: z.string().min(16).optional(),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
});

export type Env = z.infer<typeof schema>;

/** The names of all settings; docs/configuration.md tells of each. */
export const settingNames: readonly string[] = Object.keys(schema.shape);

let parsed: Env | null = null;

/**
 * The settings of this installation, parsed once from the environment.
 * @throws AppError `invalid`, one line that names the variable.
 */
export function env(): Env {
  parsed ??= parseEnv(process.env);
  return parsed;
}

/** Parses settings from `source`; empty values count as absent. */
export function parseEnv(source: Record<string, string | undefined>): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ""));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const name = String(issue?.path[0] ?? "environment");
  throw new AppError("invalid", `${name} ${issue?.message ?? "is not valid"}`, {
    field: name,
    remedy: `Set ${name} to a valid value, or unset it to take the default.`,
  });
}

/** Forgets the parsed settings; for tests and for the starter, which fills in defaults before others read them. */
export function resetEnv(): void {
  parsed = null;
}

/** The folder of the installed product. */
export function rootFolder(): string {
  return process.env.ROLLCALL_ROOT ?? process.cwd();
}

/** The folder of the embedded default's data, absolute. */
export function dataFolder(): string {
  return path.resolve(rootFolder(), env().ROLLCALL_DATA);
}
