import { readFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { ZipFile } from "yazl";
import { rootFolder } from "../env";
import { now } from "../time";
import { choiceReadme } from "./export-text";

/** The verifier that travels with every export: one file that needs nothing but Node.js. */
export function readVerifier(): Promise<string> {
  return readFile(path.join(rootFolder(), "lib", "audit", "verify.mjs"), "utf8");
}

/**
 * A choice of events (`exportEvents` in JSON lines) with what checks it, as a ZIP archive that is made as it is read: how
 * long the events are is known only at their end. A choice that breaks off is an archive that does not open.
 */
export async function packChoice(texts: AsyncGenerator<string>): Promise<ReadableStream<Uint8Array>> {
  // Before the first byte: what is missing here is said in words.
  const verifier = await readVerifier();
  const archive = new ZipFile();
  const output = new Readable({ read: () => undefined }).wrap(archive.outputStream);
  const events = Readable.from(texts);
  events.once("error", (error) => output.destroy(error));
  output.once("close", () => events.destroy());
  const facts = { mtime: now() };
  archive.addBuffer(Buffer.from(choiceReadme), "README.txt", facts);
  archive.addBuffer(Buffer.from(verifier), "verify.mjs", facts);
  archive.addReadStream(events, "activity.jsonl", facts);
  archive.end();
  return Readable.toWeb(output) as ReadableStream<Uint8Array>;
}
