import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { env, rootFolder } from "../env";
import { AppError } from "../errors";
import { type PolicyFile, policyFile } from "./schema";

export type PolicySource = { source: "default" | "folder"; place: string; files: PolicyFile[] };

const mostFiles = 200;
const largestFile = 1_000_000;

/**
 * The files of the policies: of the installation's folder (`ROLLCALL_POLICIES`, else `policies/`) where there is one with
 * policies in it, else those that come with the product.
 * @throws AppError `invalid` when a named folder is not there, or holds more than policies can be
 */
export async function readPolicyFiles(): Promise<PolicySource> {
  const named = env().ROLLCALL_POLICIES;
  const folder = path.resolve(rootFolder(), named ?? "policies");
  const own = await filesIn(folder);
  if (own !== null && own.length > 0) return { source: "folder", place: folder, files: own };
  if (named !== undefined)
    throw new AppError("invalid", `ROLLCALL_POLICIES names ${folder}, where no policies are`, {
      field: "ROLLCALL_POLICIES",
      remedy: "Put .cedar files and rules.yaml there, or unset it to use the policies that come with Rollcall.",
    });
  const place = path.join(rootFolder(), "lib", "policies", "default");
  return { source: "default", place, files: (await filesIn(place)) ?? [] };
}

/**
 * The files of policies in any folder, to look at before they are put to use.
 * @throws AppError `invalid` when there are none
 */
export async function readPolicyFolder(folder: string): Promise<PolicyFile[]> {
  const files = await filesIn(folder);
  if (files !== null && files.length > 0) return files;
  throw new AppError("invalid", `${folder} ${files === null ? "is no folder that can be read" : "holds no policies"}`, {
    remedy: "Name a folder with .cedar files and rules.yaml.",
  });
}

/** The schema that policies are checked against. */
export function readPolicySchema(): Promise<string> {
  return readFile(path.join(rootFolder(), "lib", "policies", "rollcall.cedarschema"), "utf8");
}

async function filesIn(folder: string): Promise<PolicyFile[] | null> {
  const there = await readdir(folder, { withFileTypes: true }).catch(() => null);
  if (there === null) return null;
  const names = there.filter((it) => it.isFile() && /\.(cedar|yaml)$/.test(it.name)).map(({ name }) => name);
  if (names.length > mostFiles)
    throw new AppError("invalid", `${folder} holds ${names.length} files; policies are at most ${mostFiles}`, {
      remedy: "Put the policies into fewer files.",
    });
  return Promise.all(names.sort().map((name) => readOne(folder, name)));
}

async function readOne(folder: string, name: string): Promise<PolicyFile> {
  const file = path.join(folder, name);
  if ((await stat(file)).size > largestFile)
    throw new AppError("invalid", `${name} is larger than 1 MB, which no file of policies is`, {
      remedy: "Split it, or take it out of the folder.",
    });
  return policyFile.parse({ name, text: await readFile(file, "utf8") });
}
