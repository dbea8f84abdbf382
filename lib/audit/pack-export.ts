import { once } from "node:events";
import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import { pack } from "tar-stream";
import { now } from "../time";
import type { RecordExport } from "./export-record";

/** An export as a compressed archive (tar, gzip), made as it is read: it holds a few thousand events at a time. */
export function packExport({ name, entries }: RecordExport): ReadableStream<Uint8Array> {
  const archive = pack();
  const compressed = createGzip({ level: 3 });
  archive.pipe(compressed);
  archive.on("error", (error) => compressed.destroy(error));
  const fill = async () => {
    for await (const { name: file, content } of entries) {
      archive.entry({ name: `${name}/${file}`, mtime: now() }, content);
      if (compressed.writableNeedDrain) await Promise.race([once(compressed, "drain"), once(compressed, "close")]);
      if (compressed.destroyed) return entries.return(undefined);
    }
    archive.finalize();
  };
  fill().catch((error) => archive.destroy(error));
  return Readable.toWeb(compressed) as ReadableStream<Uint8Array>;
}
