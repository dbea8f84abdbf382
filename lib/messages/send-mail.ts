import { connect, type Socket } from "node:net";
import { createTransport } from "nodemailer";
import SMTPTransport from "nodemailer/lib/smtp-transport/index.js";
import { siteAddress } from "../auth/address";
import { env } from "../env";
import { AppError, messageOf } from "../errors";
import { secondMs } from "../time";
import type { Attempt } from "./attempt";
import type { DeliveryContent } from "./schema";

/** For one whole mail, from the look-up to the server's last word. */
export const mailDeadlineMs = 30 * secondMs;

export type Mail = {
  /** Of the delivery: makes the Message-ID, so that a second try is no second mail. */
  id: string;
  to: string;
  subject: string;
  createdAt: Date;
  content: Extract<DeliveryContent, { as: "mail" }>;
};

/** Is there a mail server? */
export function mailPossible(): boolean {
  return env().SMTP_URL !== undefined;
}

/** Gives a mail to the mail server of SMTP_URL. Everything that can go wrong is an attempt, not an error. */
export async function sendMail(mail: Mail, deadlineMs = mailDeadlineMs): Promise<Attempt> {
  const url = env().SMTP_URL;
  if (!url)
    return { outcome: "again", status: null, answer: "SMTP_URL is not set: there is no mail server", retryAfter: null };
  const deadline = AbortSignal.timeout(deadlineMs);
  try {
    // The deadline destroys the socket, so that a server that drips a byte a minute holds nothing open.
    const sent = await unlessAborted(transportFor(url, deadline).sendMail(partsOf(mail)), deadline);
    return { outcome: "sent", status: codeIn(sent.response), answer: sent.response, retryAfter: null };
  } catch (error) {
    if (deadline.aborted) {
      return {
        outcome: "again",
        status: null,
        answer: `the mail server did not finish within ${deadlineMs / 1_000} s`,
        retryAfter: null,
      };
    }
    return attemptOf(error);
  }
}

function partsOf({ id, to, subject, createdAt, content }: Mail) {
  const host = siteAddress().hostname;
  const thread = content.thread ? `<${content.thread.replace(/[^\w.-]/g, "")}@${host}>` : undefined;
  return {
    from: env().MAIL_FROM ?? { name: "Rollcall", address: `rollcall@${host}` },
    // As an object, so that a comma or a bracket in it is part of it.
    to: { name: "", address: to },
    subject,
    date: createdAt,
    messageId: `<${id}@${host}>`,
    ...(thread ? { references: thread, inReplyTo: thread } : {}),
    text: content.text,
    html: content.html,
    headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
    ...(content.preferences
      ? { list: { unsubscribe: { url: content.preferences, comment: "Choose what you get" } } }
      : {}),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function transportFor(url: string, deadline: AbortSignal) {
  const parsed = new URL(url);
  const secure = parsed.protocol === "smtps:";
  const host = parsed.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = Number(parsed.port) || (secure ? 465 : 587);
  const isOwnMachine = /^(localhost|127\.|::1$)/.test(host);
  // `createTransport` itself would take the address and drop everything beside it.
  const transport = new SMTPTransport({
    url,
    // Without encryption only to this very machine, unless the address says requireTLS=false.
    requireTLS: !secure && !isOwnMachine,
    connectionTimeout: 10 * secondMs,
    greetingTimeout: 10 * secondMs,
    socketTimeout: 20 * secondMs,
    getSocket: (_options: unknown, done: (error: Error | null, facts?: { connection: Socket }) => void) => {
      const socket = connect({ host, port });
      deadline.addEventListener("abort", () => socket.destroy(), { once: true });
      socket.once("error", done);
      socket.once("connect", () => {
        socket.off("error", done);
        done(null, { connection: socket });
      });
    },
  });
  return createTransport(transport);
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

// RFC 5321, section 4.2.1: 5yz asks not to be tried again, where it is about this mail. A refused sign-in or missing
// encryption is for whoever runs Rollcall to mend, and then the mail goes.
function attemptOf(error: unknown): Attempt {
  const { responseCode, response, code } = error as { responseCode?: number; response?: string; code?: string };
  const isFinal = responseCode !== undefined && responseCode >= 500 && ["EENVELOPE", "EMESSAGE"].includes(code ?? "");
  return {
    outcome: isFinal ? "never" : "again",
    status: responseCode ?? null,
    answer: response ?? messageOf(error),
    retryAfter: null,
  };
}

function codeIn(response: string): number | null {
  return Number(/^(\d{3})/.exec(response)?.[1]) || null;
}

/** @throws AppError `conflict` when there is no mail server. */
export function assertMailPossible(): void {
  if (mailPossible()) return;
  throw new AppError("conflict", "There is no mail server: SMTP_URL is not set.", {
    remedy: "Whoever runs Rollcall sets SMTP_URL and MAIL_FROM; see the guide to messages.",
  });
}
