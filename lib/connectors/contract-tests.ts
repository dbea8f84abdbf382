import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ConnectorError } from "./connector-error";
import type { Connector, ReadEvent } from "./contract";
import { longestName, type ObservationKind, observation, observationKinds, type ParsedObservation } from "./schema";

/** What the shared tests need of one connector: a small system that it can read as often as they like. */
export type ContractSubject = {
  connector: Connector;
  /** Reads the whole small system, from `read` or `readFile`. */
  read: (signal: AbortSignal) => AsyncIterable<ReadEvent>;
  /** The kinds that this system has; each must end. Default: all of them. */
  kinds?: readonly ObservationKind[];
  /** A system whose names are `hostileNames`; left out only where the system itself refuses such names. */
  readHostile?: (signal: AbortSignal) => AsyncIterable<ReadEvent>;
  /** The names that `readHostile` must give back unchanged. Default: `hostileNames`. */
  hostileNames?: readonly string[];
  /** Ways in which it fails: each must throw a ConnectorError. */
  failures?: Record<string, (signal: AbortSignal) => unknown>;
  /** Secret values in use; none may appear in any message. */
  secrets?: readonly string[];
};

/** Names that systems have been seen to hold, or that somebody will try. NUL is not among them: it becomes U+FFFD. */
export const hostileNames: readonly string[] = [
  "<script>alert(1)</script>",
  "Robert'); DROP TABLE accounts;--",
  '=HYPERLINK("http://evil.example","click")',
  "@SUM(1+1)*cmd|' /C calc'!A0",
  "\u202egnp.exe",
  "__proto__",
  "constructor",
  "null",
  "line\nbreak, \"quoted\"; 'single'\tTab",
  "\u001b[31mred\u001b[0m",
  "аdmin",
  "ﷺ 你好 🧑‍🚀",
  "x".repeat(longestName),
];

/**
 * The promises that every connector keeps, as tests; call it inside a connector's own test file.
 * What a sync does with the events rests on exactly these.
 */
export function testContract(name: string, subject: ContractSubject): void {
  describe(`${name} keeps the connector contract`, () => {
    it("describes every setting and secret for the form", () => expectDescribed(subject.connector));

    it("yields only observations that fit the schema", async () => {
      const events = await collect(subject.read);
      for (const item of itemsOf(events)) {
        const result = observation.safeParse(item);
        expect(result.success ? null : { item, issues: result.error.issues }).toBeNull();
      }
    });

    it("ends each of its kinds once, and yields nothing of a kind after its end", async () => {
      const events = await collect(subject.read);
      const ended: ObservationKind[] = [];
      for (const event of events) {
        if (event.type === "observations") {
          for (const item of event.items) expect(ended).not.toContain(kindOf(item));
        } else if (event.type === "ended") {
          expect(ended).not.toContain(event.kind);
          ended.push(event.kind);
        }
      }
      expect(ended.toSorted()).toEqual([...(subject.kinds ?? observationKinds)].toSorted());
    });

    it("names each thing once, and refers only to things it named, or says what is missing", async () => {
      const events = await collect(subject.read);
      const problems = events.flatMap((event) =>
        event.type === "problem" ? [`${event.message} ${event.object}`] : [],
      );
      expectConsistent(
        itemsOf(events).map((item) => observation.parse(item)),
        problems,
      );
    });

    it("gives the same when it reads an unchanged system again", async () => {
      const [first, second] = [await collect(subject.read), await collect(subject.read)];
      expect(canonical(second)).toEqual(canonical(first));
    });

    it("stops when it is told to, and ends no kind after that", () => expectAbort(subject));

    if (subject.readHostile) {
      const read = subject.readHostile;
      it("brings hostile names through unchanged and unharmed", async () => {
        const names = new Set(itemsOf(await collect(read)).flatMap((item) => ("name" in item ? [item.name] : [])));
        for (const name of subject.hostileNames ?? hostileNames) expect(names).toContain(name);
        expect(({} as Record<string, unknown>).polluted).toBeUndefined();
        expect(Object.keys(Object.prototype)).toEqual([]);
      });
    }

    for (const [title, fail] of Object.entries(subject.failures ?? {})) {
      it(`says what to do and betrays no secret: ${title}`, () => expectFailure(fail, subject.secrets ?? []));
    }

    it("lists and decides patterns alike, for any resource", async () => {
      expectPatterns(subject.connector, itemsOf(await collect(subject.read)));
    });
  });
}

/** All events of a read. */
export async function collect(read: (signal: AbortSignal) => AsyncIterable<ReadEvent>): Promise<ReadEvent[]> {
  const events: ReadEvent[] = [];
  for await (const event of read(new AbortController().signal)) events.push(event);
  return events;
}

/** The observations among events, parsed as the inventory parses them. */
export function observed(events: ReadEvent[]): ParsedObservation[] {
  return itemsOf(events).map((item) => observation.parse(item));
}

type Item = Extract<ReadEvent, { type: "observations" }>["items"][number];

function itemsOf(events: ReadEvent[]): Item[] {
  return events.flatMap((event) => (event.type === "observations" ? event.items : []));
}

function kindOf(item: Item): ObservationKind {
  return item.kind === "account" || item.kind === "group" ? "principal" : item.kind;
}

function expectDescribed(connector: Connector): void {
  expect(connector.name).toMatch(/^[a-z][a-z0-9-]*$/);
  expect(connector.description).toMatch(/\.$/);
  for (const schema of [connector.settings, connector.secrets]) {
    const { properties } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
    for (const [field, property] of Object.entries(properties ?? {})) {
      const title = typeof property === "object" ? property.title : undefined;
      expect({ field, title }).toEqual({ field, title: expect.any(String) });
    }
  }
}

function expectConsistent(items: ParsedObservation[], problems: string[]): void {
  const principals = new Set<string>();
  const resources = new Set<string>();
  const named = (set: Set<string>, key: string) => {
    expect(set.has(key) ? `${key} is there twice` : null).toBeNull();
    set.add(key);
  };
  for (const item of items) {
    if (item.kind === "account" || item.kind === "group") named(principals, item.externalId);
    if (item.kind === "resource") named(resources, JSON.stringify([item.type, item.externalId]));
  }
  const missing = items.flatMap((item) => {
    if (item.kind === "membership") return [item.member, item.group].filter((id) => !principals.has(id));
    if (item.kind === "credential") return principals.has(item.account) ? [] : [item.account];
    const reference = item.kind === "resource" ? item.parent : item.kind === "assignment" ? item.resource : null;
    const holder = item.kind === "assignment" && !principals.has(item.holder) ? [item.holder] : [];
    if (!reference || resources.has(JSON.stringify([reference.type, reference.externalId]))) return holder;
    return [...holder, reference.externalId];
  });
  const unsaid = [...new Set(missing)].filter((id) => !problems.some((problem) => problem.includes(id)));
  expect(unsaid).toEqual([]);
}

function canonical(events: ReadEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === "observations" ? event.items.map((item) => JSON.stringify(item)) : [JSON.stringify(event)],
  );
}

async function expectAbort(subject: ContractSubject): Promise<void> {
  const controller = new AbortController();
  const after: ReadEvent[] = [];
  let thrown: unknown = null;
  try {
    for await (const event of subject.read(controller.signal)) {
      if (controller.signal.aborted) after.push(event);
      controller.abort(new Error("told to stop"));
    }
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(Error);
  expect(after.filter((event) => event.type === "ended" || event.type === "checkpoint")).toEqual([]);
}

async function expectFailure(fail: (signal: AbortSignal) => unknown, secrets: readonly string[]): Promise<void> {
  const error = await failureOf(fail);
  expect(error).toBeInstanceOf(ConnectorError);
  if (!(error instanceof ConnectorError)) return;
  expect(error.remedy).toMatch(/\S/);
  const told: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) told.push(at.message, at.stack ?? "");
  const text = [...told, error.remedy, error.object ?? "", JSON.stringify(error)].join("\n");
  for (const secret of secrets) expect(text.includes(secret) ? "a message holds a secret" : null).toBeNull();
}

async function failureOf(fail: (signal: AbortSignal) => unknown): Promise<unknown> {
  try {
    const result = await fail(new AbortController().signal);
    if (typeof result === "object" && result !== null && Symbol.asyncIterator in result) {
      for await (const _ of result as AsyncIterable<unknown>);
    }
  } catch (error) {
    return error;
  }
  return null;
}

function expectPatterns(connector: Connector, items: Item[]): void {
  const patterns = items.flatMap((item) => (item.kind === "assignment" && item.pattern ? [item.pattern] : []));
  const facts = items.flatMap((item) =>
    item.kind === "resource" ? [{ ...item, attributes: item.attributes ?? {} }] : [],
  );
  const distinct = [...new Map(patterns.map((pattern) => [JSON.stringify(pattern), pattern])).values()].slice(0, 200);
  if (distinct.length > 0) expect(connector.patternGrants).toBeTypeOf("function");
  const unknown = { type: "no-such-type", externalId: "nothing", name: "nothing", attributes: {} };
  for (const pattern of distinct) {
    for (const fact of [...facts.slice(0, 500), unknown]) {
      const given = connector.patternGrants?.(pattern, fact) ?? [];
      const there = connector.permissionsOn?.(fact.type) ?? given;
      expect(given.filter((permission) => !there.includes(permission))).toEqual([]);
    }
  }
  for (const { type, externalId } of facts.slice(0, 2_000)) expectShortChain(connector, { type, id: externalId });
}

function expectShortChain(connector: Connector, resource: { type: string; id: string }): void {
  const chain = connector.enclosing?.(resource) ?? [];
  expect(chain.length).toBeLessThan(50);
  expect(chain).not.toContainEqual(resource);
}
