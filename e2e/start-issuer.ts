import { once } from "node:events";
import Provider from "oidc-provider";

export type Issuer = { address: string; stop(): Promise<void> };

/** Everybody who can sign in at the test's issuer, and the groups it tells of them. */
const groupsOf: Record<string, string[]> = {
  ada: ["staff", "rollcall-administrators"],
  sam: ["staff", "rollcall-security"],
  mia: ["staff"],
  lev: ["staff"],
  eve: ["staff"],
  tom: ["staff"],
  pam: ["staff", "rollcall-administrators"],
};

/** A real OpenID provider, with its own page for name and password, for a product at `product`. */
export async function startIssuer(port: number, product: string): Promise<Issuer> {
  const address = `http://localhost:${port}`;
  const provider = new Provider(address, {
    clients: [
      {
        client_id: "rollcall",
        client_secret: "a-secret-of-the-test-only",
        redirect_uris: [`${product}/api/auth/callback/oidc`],
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
    cookies: { keys: ["a-key-of-the-test-only"] },
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        name: `${id[0]?.toUpperCase()}${id.slice(1)} Ames`,
        email: `${id}@acme.test`,
        email_verified: true,
        groups: groupsOf[id] ?? [],
      }),
    }),
  });
  const server = provider.listen(port);
  await once(server, "listening");
  return {
    address,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
