import { connectSystem, importPeople, matchAccount } from "./fill-product";
import type { Browser } from "./journey";
import { startIssuer } from "./start-issuer";
import { type MailServer, startMail } from "./start-mail";
import { startProduct } from "./start-product";
import { type LiveSystem, leaver, startSystems } from "./start-systems";
import { type Doors, signedInAs } from "./through-issuer";

/** A company that somebody leaves: the product, the issuer, the mail server, and four systems with accounts in them. */
export type Company = { doors: Doors; systems: LiveSystem[]; mail: MailServer; stop(): Promise<void> };

/** Starts it all; then an administrator imports the people, connects the systems and says whose the accounts are. */
export async function startCompany(browser: Browser, port: number): Promise<Company> {
  const doors = { product: `http://localhost:${port}`, issuer: `http://localhost:${port + 1}` };
  const mail = await startMail();
  const env = {
    NEXTAUTH_URL: doors.product,
    OIDC_ISSUER: doors.issuer,
    OIDC_CLIENT_ID: "rollcall",
    OIDC_CLIENT_SECRET: "a-secret-of-the-test-only",
    OIDC_NAME: "Acme",
    SMTP_URL: mail.url,
  };
  const [issuer, systems, product] = await Promise.all([
    startIssuer(port + 1, doors.product),
    startSystems(),
    startProduct({ port, env }),
  ]);
  const stop = async () => {
    await product.stop();
    await Promise.all(systems.map((system) => system.stop()));
    await issuer.stop();
    await mail.stop();
  };
  try {
    const ada = await signedInAs(browser, doors, "ada");
    await importPeople(ada, doors);
    for (const system of systems) {
      await connectSystem(ada, doors, system);
      // The directory knows the e-mail address, by which the account finds its person.
      if (system.connector !== "ldap") await matchAccount(ada, system.name, leaver);
    }
    await ada.context().close();
  } catch (error) {
    await stop();
    throw error;
  }
  return { doors, systems, mail, stop };
}
