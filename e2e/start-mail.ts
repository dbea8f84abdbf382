import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

/** A real mail server, and what came: to whom, under which subject. */
export type MailServer = { url: string; subjectsTo(address: string): string[]; stop(): Promise<void> };

/** Starts one that takes everything. */
export async function startMail(): Promise<MailServer> {
  const received: { to: string[]; raw: string }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, { envelope }, done) {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => {
        received.push({ to: envelope.rcptTo.map(({ address }) => address), raw: Buffer.concat(parts).toString() });
        done();
      });
    },
  });
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}?ignoreTLS=true`,
    subjectsTo: (address) => received.filter(({ to }) => to.includes(address)).map(({ raw }) => subjectOf(raw)),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

// A long subject goes on in lines that begin with a space.
function subjectOf(raw: string): string {
  const [, words = ""] = /^Subject: (.*(?:\r\n[ \t].*)*)/m.exec(raw) ?? [];
  return words.replaceAll(/\r\n[ \t]+/g, " ");
}
