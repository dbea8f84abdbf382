import { once } from "node:events";
import { createReadStream, createWriteStream, type WriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { Entry } from "./entry";

const pageSize = 500;
const kept = z.object({ dn: z.string(), attributes: z.array(z.tuple([z.string(), z.array(z.string())])) });

/**
 * Entries of a file kept beside it, because they refer to each other in any order and are read several times, whatever
 * their number. The folder is readable to nobody else and is gone afterwards; only attributes that are read are in it.
 */
export class EntrySpool {
  private readonly folder: string;
  private readonly out: WriteStream;
  private failure: Error | null = null;

  private constructor(folder: string) {
    this.folder = folder;
    this.out = createWriteStream(path.join(folder, "entries"), { mode: 0o600 });
    // A full disk, or the end of a stream that is closed early: told at the next step.
    this.out.on("error", (error) => {
      this.failure ??= error;
    });
  }

  static async open(): Promise<EntrySpool> {
    return new EntrySpool(await mkdtemp(path.join(tmpdir(), "rollcall-ldif-")));
  }

  async add(entry: Entry): Promise<void> {
    if (this.failure) throw this.failure;
    const attributes = [...entry.attributes].map(([name, values]) => [
      name,
      values.map((value) => (typeof value === "string" ? `t${value}` : `b${value.toString("base64")}`)),
    ]);
    // readline takes these two for line breaks, and JSON does not escape them.
    const line = JSON.stringify({ dn: entry.dn, attributes })
      .replaceAll("\u2028", "\\u2028")
      .replaceAll("\u2029", "\\u2029");
    if (!this.out.write(`${line}\n`)) await once(this.out, "drain");
  }

  /** All of them, in their order, as often as one likes; nothing can be added after the first time. */
  async *pages(): AsyncGenerator<Entry[]> {
    await this.finish();
    let page: Entry[] = [];
    const lines = createInterface({ input: createReadStream(path.join(this.folder, "entries")), crlfDelay: 0 });
    for await (const line of lines) {
      const { dn, attributes } = kept.parse(JSON.parse(line));
      const values = (list: string[]) =>
        list.map((value) => (value.startsWith("t") ? value.slice(1) : Buffer.from(value.slice(1), "base64")));
      page.push({ dn, attributes: new Map(attributes.map(([name, list]) => [name, values(list)])) });
      if (page.length < pageSize) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  }

  async close(): Promise<void> {
    const closed = this.out.closed
      ? Promise.resolve()
      : new Promise<void>((resolve) => this.out.once("close", () => resolve()));
    this.out.destroy();
    await closed;
    await rm(this.folder, { recursive: true, force: true });
  }

  private async finish(): Promise<void> {
    if (this.failure) throw this.failure;
    if (this.out.writableFinished) return;
    this.out.end();
    await once(this.out, "finish");
  }
}
