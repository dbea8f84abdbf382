import { randomBytes } from "node:crypto";
import { NoSuchObjectError, NotAllowedOnNonLeafError } from "ldapts";
import { hourMs, plus } from "../../time";
import { ConnectorError } from "../connector-error";
import type { AccountRef, AccountStanding, Outcome } from "../provisioning";
import { signIn } from "./client";
import { isOwnEntry, isShut, onAccount, ownAccount } from "./disable-account";
import { normalDn } from "./dn";
import type { Entry } from "./entry";
import type { Place } from "./find-entry";
import type { Call } from "./give-access";
import { isHeeded } from "./lock-heeded";
import { LockQuestion } from "./lock-question";
import { impossibleBy } from "./refusals";
import type { Settings } from "./schema";

// A ticket lives so long where nobody has set it otherwise (MS-KILE 3.3.1, MaxTicketAge).
const ticketHours = 10;

/** Deletes the entry of an account that cannot sign in. */
export async function remove(context: Call, account: AccountRef): Promise<Outcome> {
  return onAccount(context, account, async (place, entry) => {
    if (!entry) return { outcome: "already", detail: `the directory shows no account ${account.name}` };
    if (isOwnEntry(context.settings, entry)) return ownAccount(entry.dn);
    if (isShut(place, entry) !== true) {
      return {
        outcome: "impossible",
        because: `${entry.dn} is not shut`,
        remedy: "Somebody let it in again. If it is to go, shut it first.",
      };
    }
    return destroy(place, entry, context.settings.provisionDn);
  });
}

/** Reads the entry, and signs in with a password that nobody has. */
export async function probe(context: Call, account: AccountRef): Promise<AccountStanding> {
  return onAccount(context, account, (place, entry) =>
    entry ? probeEntry(context, place, entry) : Promise.resolve(notThere(account)),
  );
}

function notThere({ name }: AccountRef): AccountStanding {
  const detail = `the directory shows no account ${name}`;
  return { there: false, open: false, sessions: null, signIn: "not_tried", detail, outlives: [] };
}

async function probeEntry(context: Call, place: Place, entry: Entry): Promise<AccountStanding> {
  const shut = isShut(place, entry);
  const question = new LockQuestion();
  const tried = await trySignIn(context, entry.dn, question);
  const isAd = place.at.schema === "active-directory";
  const asked = isAd ? "the disabled flag of userAccountControl" : "the lock for good in pwdAccountLockedTime";
  const heeded = isAd || shut !== true ? null : await isHeeded(place, entry, question);
  const words = [
    `${asked} of ${entry.dn}: ${shut ?? "not shown"}`,
    ...(heeded ? [heeded.detail] : []),
    `a sign-in was ${tried.signIn}: ${tried.said}`,
  ];
  return {
    there: true,
    open: shut === null || heeded?.heeds === null ? null : !shut,
    sessions: null,
    signIn: tried.signIn,
    detail: words.join("; "),
    ...(heeded?.heeds === null ? { remedy: heeded.remedy } : {}),
    outlives: isAd
      ? [
          {
            what: `Kerberos tickets that it has (${ticketHours} hours by default)`,
            until: plus(context.now, ticketHours * hourMs),
          },
        ]
      : [{ what: "connections to the directory that were signed in before, until they close", until: null }],
  };
}

/** Pure. Is this one of the two accounts by which the connection signs in, as far as its name tells? */
export function isOwn({ bindDn, provisionDn }: Settings, { name, externalId }: AccountRef): boolean {
  const own = [bindDn, provisionDn].filter((one) => one !== "");
  const logins = own.map((one) => one.replace(/^.*\\/, "").replace(/@.*$/, "").toLowerCase());
  const names = own.map((one) => /^(?:cn|uid)=([^,]+),/i.exec(one)?.[1]?.toLowerCase());
  return (
    own.some((one) => normalDn(one) === normalDn(externalId)) ||
    logins.includes(name.toLowerCase()) ||
    names.includes(name.toLowerCase())
  );
}

async function trySignIn(
  context: Call,
  dn: string,
  question: LockQuestion,
): Promise<{ signIn: "refused" | "accepted"; said: string }> {
  const as = {
    ...context,
    settings: { ...context.settings, provisionDn: dn },
    secrets: { ...context.secrets, provisionPassword: randomBytes(24).toString("base64url") },
  };
  try {
    const session = await signIn(as, "gives", [question]);
    await session.close();
    return { signIn: "accepted", said: "the directory let it in with a password that nobody has" };
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== "credentials") throw error;
    const said = error.cause instanceof Error ? error.cause.message : error.message;
    return { signIn: "refused", said: said.replaceAll("\0", "").slice(0, 300) };
  }
}

async function destroy({ session }: Place, entry: Entry, who: string): Promise<Outcome> {
  try {
    await session.run(entry.dn, (client) => client.del(entry.dn));
  } catch (error) {
    const cause = error instanceof ConnectorError ? error.cause : error;
    if (cause instanceof NoSuchObjectError) return { outcome: "already", detail: `${entry.dn} is gone` };
    if (cause instanceof NotAllowedOnNonLeafError) {
      return {
        outcome: "impossible",
        because: `${entry.dn} has entries below it`,
        remedy: "Move or delete what is below it, then try again.",
      };
    }
    return impossibleBy(error, who, entry.dn);
  }
  return { outcome: "done", detail: `deleted ${entry.dn}` };
}
