import { type Message, say } from "../message";
import { timeWords } from "./words";

/** Somebody tries whether messages arrive. */
export function testMessage(test: { by: string; at: Date; channel: string | null }): Message {
  return {
    event: "message.test",
    subject: say`A test from Rollcall`,
    lead: [say`${test.by} wanted to know whether messages arrive here. They do. Nothing needs to be done.`],
    facts: [
      ...(test.channel ? [{ label: "Channel", value: test.channel }] : []),
      { label: "Ordered", value: timeWords(test.at) },
    ],
    action: { label: "Open Rollcall", path: "/" },
    tone: "good",
    thread: null,
    data: { by: test.by, channel: test.channel },
  };
}
