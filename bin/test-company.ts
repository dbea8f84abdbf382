import { createServer } from "node:http";
import { answer } from "@/app/api/v1/answer";
import { system } from "@/lib/auth/actor";
import { createApiToken } from "@/lib/auth/create-api-token";
import { startWorld, type World } from "@/lib/requests/test-world";
import { runRollcall } from "./test-rollcall";

// For tests: people with tokens of their own, who reach a company's Rollcall by its API alone.

export type Company = {
  world: World;
  /** As on somebody's own machine: no database, only the address and their token. */
  rollcall(who: string | null, ...args: string[]): ReturnType<typeof runRollcall>;
  /** The command line with these tokens, towards another address. */
  tokens: Readonly<Record<string, string>>;
  drop(): Promise<void>;
};

/** Starts it all, with the API at a port of its own. */
export async function startCompany(): Promise<Company> {
  const world = await startWorld();
  const tokens: Record<string, string> = {};
  for (const name of ["ann", "bob", "cara", "dana", "eve", "sid"])
    tokens[name] = (await createApiToken(system("test"), { name, for: `${name}@acme.test` })).token;
  let address = "";
  const server = createServer(async (incoming, outgoing) => {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part);
    const { method, url, headers } = incoming;
    const body = method === "GET" ? undefined : Buffer.concat(parts);
    const got = await answer(new Request(`${address}${url}`, { method, body, headers: Object(headers) }));
    outgoing.writeHead(got.status, Object.fromEntries(got.headers)).end(await got.text());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  address = `http://127.0.0.1:${typeof bound === "object" && bound ? bound.port : 0}`;
  return {
    world,
    tokens,
    rollcall: (who, ...args) => {
      const env = { DATABASE_URL: "postgresql://nobody@127.0.0.1:9/none", ROLLCALL_URL: address };
      return runRollcall(args, { env: { ...env, ROLLCALL_TOKEN: who ? tokens[who] : "" } });
    },
    drop: async () => {
      server.close();
      await world.drop();
    },
  };
}
