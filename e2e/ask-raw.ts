import { Agent, request } from "node:http";

export type RawAnswer = { status: number; headers: Record<string, string>; body: string };
export type RawCall = {
  port: number;
  /** As it is: nothing is made regular. */
  path: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer | (() => Generator<Buffer>);
};

const agent = new Agent({ keepAlive: true, maxSockets: 8 });

/** One request, byte for byte as given. A connection that is closed without an answer is status 0. */
export function askRaw({ port, path, method = "GET", headers = {}, body }: RawCall): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const none = { status: 0, headers: {}, body: "" };
    const call = request({ host: "127.0.0.1", port, path, method, headers, agent }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("error", () => resolve(none));
      answer.on("close", () => {
        const told = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
        const text = Buffer.concat(parts).toString("utf8");
        resolve({ status: answer.statusCode ?? 0, headers: Object.fromEntries(told), body: text });
      });
    });
    call.on("error", () => resolve(none));
    if (typeof body === "function") void pour(call, body());
    else call.end(body);
  });
}

// Until it is answered: most of what is too large is refused before its end.
async function pour(call: ReturnType<typeof request>, parts: Generator<Buffer>): Promise<void> {
  let answered = false;
  // One wait for each part, of which only one event ends each.
  call.setMaxListeners(0);
  call.once("response", () => {
    answered = true;
  });
  for (const part of parts) {
    if (call.destroyed || answered) break;
    if (!call.write(part)) {
      await new Promise<void>((resolve) => {
        for (const event of ["drain", "close", "error", "response"]) call.once(event, () => resolve());
      });
    }
  }
  call.end();
}
