import { Client } from "ldapts";
import { setUp } from "./set-up";
import { schemaIds } from "./set-up-provisioning";
import { ldapContext } from "./test-context";
import type { TestSamba } from "./test-samba";

// For tests: what is connected of a domain controller, by the very lines of the set-up.

/** The account that gives access, and its password. */
export const giver = { login: "gives", dn: "gives@acme.test", password: "Canary-password-1" };

/** Where the staff and the groups are that Rollcall may change, and the account that may. */
export function makeGiver(server: TestSamba): void {
  for (const ou of ["Groups", "Staff"]) server.tool(["ou", "create", `OU=${ou},${server.base}`]);
  server.tool(["user", "create", giver.login, giver.password, "--userou=OU=Staff"]);
  const sid = /objectSid: (\S+)/.exec(server.tool(["user", "show", giver.login]))?.[1] ?? "";
  const settings = { host: server.host, bindDn: "Administrator@acme.test", provisionDn: giver.dn };
  const context = ldapContext({ ...settings, schema: "active-directory", baseDn: server.base }, "");
  const code = setUp(context.settings).at(-1)?.code ?? "";
  if (!code.includes(schemaIds.userAccountControl)) throw new Error("the set-up has no lines for Samba at its end");
  // The instructions as they are, through the same tool.
  for (const line of code.split("\n").map((one) => one.replace(";SID)", `;${sid})`)))
    server.tool([...line.matchAll(/"[^"]*"|\S+/g)].slice(1).map(([word]) => word.replace(/(^|=)"(.*)"$/, "$1$2")));
}

/** A client of the administrator over TLS, as passwords ask for. */
export async function overTls({ host, ca, admin }: TestSamba): Promise<Client> {
  const client = new Client({ url: `ldaps://${host}`, connectTimeout: 5_000, tlsOptions: { ca } });
  await client.bind(admin.dn, admin.password);
  return client;
}

/** Adds somebody to the staff, who signs in as `login@acme.test`. @returns the distinguished name */
export async function addStaff(
  client: Client,
  { login, password, base }: { login: string; password: string; base: string },
): Promise<string> {
  const dn = `CN=${login},OU=Staff,${base}`;
  await client.add(dn, {
    ...{ objectClass: "user", sAMAccountName: login, userPrincipalName: `${login}@acme.test` },
    // As MS-ADTS 3.1.1.3.1.5.1 wants it: in quotes, in UTF-16.
    ...{ unicodePwd: Buffer.from(`"${password}"`, "utf16le").toString("latin1"), userAccountControl: "512" },
  });
  return dn;
}
