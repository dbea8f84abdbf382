import pg from "pg";

/**
 * The servers that an address names, each as an address of its own. `postgresql://user@db1:5432,db2:5432/rollcall`
 * lists the servers of one cluster as libpq does; the pg package by itself knows only one.
 */
export function serversOf(url: string): string[] {
  const parts = /^(postgres(?:ql)?:\/\/(?:[^@/]*@)?)([^/?]*)(.*)$/.exec(url);
  if (!parts) return [url];
  const [, before = "", hosts = "", after = ""] = parts;
  return hosts.split(",").map((host) => before + host + after);
}

/**
 * The address of the server that takes writes. Of a single server, that one, unasked.
 * @throws the error of the last server, when none answers or all are standbys.
 */
export async function primaryOf(url: string): Promise<string> {
  const servers = serversOf(url);
  if (servers.length === 1) return url;
  const asked = servers.map(async (server) => {
    await assertTakesWrites(server);
    return server;
  });
  try {
    return await Promise.any(asked);
  } catch (error) {
    throw error instanceof AggregateError ? error.errors.at(-1) : error;
  }
}

async function assertTakesWrites(server: string): Promise<void> {
  const client = new pg.Client({ connectionString: server, connectionTimeoutMillis: 2_000, query_timeout: 2_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ standby: boolean }>("select pg_is_in_recovery() as standby");
    // In words of the protocol's own class for a server that cannot serve us now.
    if (rows[0]?.standby) throw Object.assign(new Error("the server is a standby"), { code: "57P03" });
  } finally {
    await client.end().catch(() => undefined);
  }
}

type Callback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: unknown) => void,
) => void;

/** A pool that follows the primary of a cluster, and tells when the database was found to be away. */
export class PrimaryPool extends pg.Pool {
  private known: string | null = null;

  constructor(
    private readonly url: string,
    config: pg.PoolConfig,
    private readonly onAway: () => void,
  ) {
    super({ ...config, connectionString: url });
    this.on("connect", (client) => client.on("error", () => this.lost()));
    // Without a listener a broken idle connection would end the process.
    this.on("error", () => this.lost());
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Callback): void;
  override connect(callback?: Callback): Promise<pg.PoolClient> | undefined {
    const got = this.fromPrimary();
    if (!callback) return got;
    got.then(
      (client) => callback(undefined, client, (release) => client.release(release as Error | boolean | undefined)),
      (error) => callback(error, undefined, () => undefined),
    );
    return undefined;
  }

  private async fromPrimary(): Promise<pg.PoolClient> {
    try {
      this.known ??= await primaryOf(this.url);
      this.options.connectionString = this.known;
      return await super.connect();
    } catch (error) {
      this.lost();
      throw error;
    }
  }

  private lost(): void {
    this.known = null;
    this.onAway();
  }
}
