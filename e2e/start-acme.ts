import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { connectSystem, importPeople, matchAccount } from "./fill-product";
import type { Browser } from "./journey";
import { startIssuer } from "./start-issuer";
import { startProduct } from "./start-product";
import { ownAccount, startTarget, type Target } from "./start-target";
import { type Doors, signedInAs } from "./through-issuer";

/** A company in which access is asked for: the product, the issuer that knows its people, and its PostgreSQL. */
export type Acme = { doors: Doors; target: Target; stop(): Promise<void> };

/** Starts all of it at once; then an administrator imports the people and connects the database. */
export async function startAcme(browser: Browser, port: number): Promise<Acme> {
  const doors = { product: `http://localhost:${port}`, issuer: `http://localhost:${port + 1}` };
  const policies = await mkdtemp(path.join(tmpdir(), "rollcall-policies-"));
  await writePolicies(policies);
  const env = {
    NEXTAUTH_URL: doors.product,
    OIDC_ISSUER: doors.issuer,
    OIDC_CLIENT_ID: "rollcall",
    OIDC_CLIENT_SECRET: "a-secret-of-the-test-only",
    OIDC_NAME: "Acme",
    ROLLCALL_POLICIES: policies,
  };
  const [issuer, target, product] = await Promise.all([
    startIssuer(port + 1, doors.product),
    startTarget(),
    startProduct({ port, env }),
  ]);
  const stop = async () => {
    await product.stop();
    await target.stop();
    await issuer.stop();
    await rm(policies, { recursive: true, force: true });
  };
  try {
    const ada = await signedInAs(browser, doors, "ada");
    await importPeople(ada, doors);
    await connectSystem(ada, doors, { name: "ledger", connector: "postgresql", connection: target.connection });
    await matchAccount(ada, "ledger", ownAccount.user);
    await ada.context().close();
  } catch (error) {
    await stop();
    throw error;
  }
  return { doors, target, stop };
}

// Those that come with the product, and one more: salaries are looked at for a minute at most.
async function writePolicies(folder: string): Promise<void> {
  await cp("lib/policies/default", folder, { recursive: true });
  const rules = path.join(folder, "rules.yaml");
  const text = await readFile(rules, "utf8");
  const manager = /^ {2}manager:\n(?: {4}.*\n)+/m.exec(text)?.[0] ?? "";
  const aMinute = manager.replace("manager:", "a-minute:").replace("P90D", "PT1M");
  await writeFile(rules, text.replace(manager, manager + aMinute));
  await writeFile(
    path.join(folder, "salaries.cedar"),
    `@id("salaries")
@because("Salaries are looked at for a minute.")
@approval("a-minute")
permit (principal, action == Action::"request", resource)
when { resource.resource == "salary_readers" };
`,
  );
}
