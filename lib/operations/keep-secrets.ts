import { randomBytes } from "node:crypto";
import { open, readFile, rename } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { AppError } from "../errors";

const secretsFile = z.object({ NEXTAUTH_SECRET: z.string().min(16), ROLLCALL_ENCRYPTION_KEY: z.string().min(16) });

/** The secrets of an installation. */
export type Secrets = z.infer<typeof secretsFile>;

/**
 * The secrets kept in `folder`, made at first use. They belong into every backup: without the encryption key the
 * secrets of connections cannot be read.
 * @throws AppError `invalid` when the file is there but cannot be read as one.
 */
export async function keepSecrets(folder: string): Promise<Secrets> {
  const file = path.join(folder, "secrets.json");
  const text = await readFile(file, "utf8").catch((error) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return makeSecrets(file);
  try {
    return secretsFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError("invalid", `${file} does not hold the secrets that Rollcall put there`, {
      remedy:
        "Restore it from a backup. Without it the secrets of connections cannot be read; remove it only if you will enter those again.",
      cause,
    });
  }
}

async function makeSecrets(file: string): Promise<Secrets> {
  const secrets = {
    NEXTAUTH_SECRET: randomBytes(32).toString("base64url"),
    ROLLCALL_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
  };
  // Whole or not at all, also when the power goes: half a file would be a lost key.
  const handle = await open(`${file}.new`, "w", 0o600);
  await handle.writeFile(`${JSON.stringify(secrets, null, 2)}\n`);
  await handle.sync();
  await handle.close();
  await rename(`${file}.new`, file);
  return secrets;
}
