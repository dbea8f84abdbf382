import { z } from "zod";
import { within } from "../../time-limit";
import { ConnectorError } from "../connector-error";
import type { CheckResult, Connector, Context, ReadEvent } from "../contract";
import type { Observation } from "../schema";

const settings = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).meta({ title: "Address", description: "Of the chat server, without a path." }),
});
const secrets = z.strictObject({
  token: z.string().min(1).meta({ title: "Token", description: "Of a bot with the scope directory:read." }),
});
type Chat = Context<z.infer<typeof settings>, z.infer<typeof secrets>>;

// What the server sends is parsed like any other input: only what is named here is taken.
const page = z.object({
  members: z.array(
    z.object({
      id: z.string(),
      login: z.string(),
      email: z.string().nullable(),
      bot: z.boolean(),
      rooms: z.array(z.string()),
    }),
  ),
  next: z.string().nullable(),
});
type Page = z.infer<typeof page>;

const mostBytes = 10_000_000;

/** An example: the members and rooms of a chat server with a paged HTTP API. */
export const example: Connector<z.infer<typeof settings>, z.infer<typeof secrets>> = {
  name: "example",
  label: "Example chat",
  description: "The members and rooms of a chat server, to show how a connector is written.",
  settings,
  secrets,
  words: { account: "member", group: "room" },
  setup: () => [{ text: "Make a bot with the scope directory:read and copy its token." }],
  check,
  read,
};

async function check(context: Chat): Promise<CheckResult> {
  const { members } = await get(context, "");
  return {
    system: `Chat at ${new URL(context.settings.url).host}`,
    as: "a bot with directory:read",
    sees: [`members, ${members.length} on the first page`, "rooms that have members"],
    cannotSee: [
      { what: "private rooms", because: "the scope does not cover them", remedy: "Add the scope rooms:read." },
    ],
  };
}

async function* read(context: Chat): AsyncIterable<ReadEvent> {
  const rooms = new Set<string>();
  const cursors = new Set<string>();
  for (let cursor = ""; ; ) {
    const { members, next } = await get(context, cursor);
    yield { type: "observations", items: members.flatMap((member) => observationsOf(member, rooms)) };
    if (next === null) break;
    // A server that sends the same cursor twice would be read for ever.
    if (cursors.has(next)) throw broken(`it sent the cursor ${next} twice`);
    cursors.add(next);
    cursor = next;
  }
  for (const subject of ["account", "credential", "entitlement"] as const) {
    yield { type: "coverage", coverage: { subject, complete: false, since: null, because: "the server keeps no log" } };
  }
  // Only now is it known that nothing is missing.
  context.signal.throwIfAborted();
  yield { type: "ended", kind: "principal" };
  yield { type: "ended", kind: "membership" };
}

function observationsOf(member: Page["members"][number], rooms: Set<string>): Observation[] {
  const account: Observation = {
    kind: "account",
    externalId: member.id,
    name: member.login,
    email: member.email,
    kindHint: member.bot ? { kind: "bot", reason: "the server marks it as a bot" } : null,
  };
  const fresh = member.rooms.filter((room) => !rooms.has(room));
  for (const room of fresh) rooms.add(room);
  return [
    account,
    ...fresh.map((room): Observation => ({ kind: "group", externalId: `room:${room}`, name: room })),
    ...member.rooms.map((room): Observation => ({ kind: "membership", member: member.id, group: `room:${room}` })),
  ];
}

// One page: of the configured host only, with a deadline, a limit on its size, and no redirects.
async function get({ settings: { url }, secrets: { token }, signal }: Chat, cursor: string): Promise<Page> {
  const address = new URL("/directory", url);
  address.searchParams.set("cursor", cursor);
  const answer = await fetch(address, {
    headers: { authorization: `Bearer ${token}` },
    redirect: "error",
    signal: within(30_000, signal),
  }).catch((cause: unknown) => {
    if (signal.aborted) throw signal.reason;
    throw new ConnectorError("unreachable", `${address.host} does not answer`, {
      object: address.host,
      remedy: "Check the address and that Rollcall may reach it.",
      cause,
    });
  });
  if (answer.status === 401 || answer.status === 403) {
    throw new ConnectorError("credentials", `${address.host} refuses the token`, {
      object: address.host,
      remedy: "Make a new token with the scope directory:read.",
    });
  }
  if (!answer.ok) throw broken(`it answered ${answer.status}`);
  const parsed = page.safeParse(await bodyOf(answer));
  if (!parsed.success) throw broken("its answer has another shape than described");
  return parsed.data;
}

async function bodyOf(answer: Response): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > mostBytes) throw broken(`its answer is longer than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (cause) {
    throw broken("its answer is not JSON", cause);
  }
}

function broken(why: string, cause?: unknown): ConnectorError {
  const remedy = "Try again; if it stays, the server's version may not be supported.";
  return new ConnectorError("protocol", `The chat server cannot be read: ${why}`, { remedy, cause });
}
